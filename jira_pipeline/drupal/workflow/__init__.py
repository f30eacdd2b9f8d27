"""Workflows of Content Moderation: their states and transitions."""
