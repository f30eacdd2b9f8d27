"""Rows of no known sheet: their table quotes them, and little is certain of them."""
