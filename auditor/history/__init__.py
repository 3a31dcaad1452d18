"""Stored runs and what changed between them.

`compare` is a function of values. `database`, `schema`, `store` and `periodic` need SQLAlchemy and alembic, which
come with the extra `history`; import them only when a history is asked for.
"""
