"""One file a device: from a traffic set to a partition of it, each part with the rule that decides."""
