"""Translations of a report into text; the same report always gives the same text."""
