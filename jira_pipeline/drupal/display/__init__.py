"""Displays of views: the pages, blocks and feeds in which a view is shown."""
