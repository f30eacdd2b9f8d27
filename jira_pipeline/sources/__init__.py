"""The public names of what reads specifications, for programs of others."""
