"""One file a step, named for the version that it leads to."""
