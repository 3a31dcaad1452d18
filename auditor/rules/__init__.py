"""Rules: from the answers about one cluster to findings; one file a rule, one line each in the register."""
