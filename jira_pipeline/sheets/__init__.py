"""Sheets as they arrive: the inbox, the manifest, kept copies, reading and previewing them."""
