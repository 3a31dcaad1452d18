"""The command line: options in, exit code out; the only place that prints or exits."""
