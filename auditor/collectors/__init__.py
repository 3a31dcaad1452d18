"""Sources of snapshots: each one turns something that can be read into a Snapshot."""
