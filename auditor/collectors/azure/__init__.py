"""Live collection from Azure; the only package that touches the Azure SDK, imported when a live command runs."""
