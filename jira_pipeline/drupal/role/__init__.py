"""User roles and their permissions."""
