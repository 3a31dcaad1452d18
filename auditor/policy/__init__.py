"""What is asked of a cluster: baseline editions, service tags of hosts, facts, and the files users write."""
