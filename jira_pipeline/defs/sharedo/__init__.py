"""Exports from ShareDo, and the sessions that they become."""
