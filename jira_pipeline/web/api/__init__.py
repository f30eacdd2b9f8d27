"""The resources under /api, one module per subject."""
