"""Migrations: content that is taken over from another site."""
