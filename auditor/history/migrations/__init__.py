"""Steps from one schema of stored runs to the next; `auditor.history.schema` runs them."""
