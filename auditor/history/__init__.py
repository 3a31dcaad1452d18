"""Stored runs and what changed between them; nothing is stored yet."""
