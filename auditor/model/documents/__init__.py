"""From raw ARM documents to frozen records, one module a family of resources."""
