"""Migrations: content that is taken over from another site, and the mappings of its fields."""
