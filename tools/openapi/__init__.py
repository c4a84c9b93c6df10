"""OpenAPI documents of the APIs and their pages, generated from the catalogue."""
