"""What is left out as long as the audit answers otherwise than the clauses; each is turned on with its repair."""

FLEXIBLE_MODELS_DIFFER = False
"""A flexible scale set whose model is not like its machines' interfaces, which are the fact (AKS-10, UDR-45)."""
FLEXIBLE_IN_PRIVATE_SUBNETS = False
"""Machines of a flexible scale set in a private subnet, which reaches Storage of its region all the same (UDR-47)."""
UNREAD_ADDRESSES = False
"""Public addresses of interfaces, load balancers and NAT gateways whose family and state nobody read (V-6, ARM-22)."""
GONE_BALANCERS = False
"""A load balancer that an interface names and a list read to its end lacks (ARM-22, ARM-23)."""
ICMP_BY_DEFAULT_ACCESS = False
"""ICMP by default outbound access, of which no clause says anything, or by what only the cluster tells of (UDR-43)."""
ICMP_OVER_SEVERAL_BALANCERS = False
"""ICMP of a node in pools of several load balancers: none translates it, also where TCP or UDP is open (UDR-42)."""
