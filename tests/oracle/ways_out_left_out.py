"""What is left out as long as the audit answers otherwise than the clauses; each is turned on with its repair."""

ICMP_OVER_SEVERAL_BALANCERS = False
"""ICMP of a node in pools of several load balancers: none translates it, also where TCP or UDP is open (UDR-42)."""
