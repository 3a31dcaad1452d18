"""Edits that mend what a rule found, each with its proof; none is written yet."""
