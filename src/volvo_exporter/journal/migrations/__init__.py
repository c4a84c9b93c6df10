"""Changes of the tables, one module each; run by Alembic."""
