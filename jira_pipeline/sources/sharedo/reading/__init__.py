"""Reads ShareDo export packages; usable on its own.

`packages` reads one file within limits and masks its secrets. Nothing here talks to a server (`sources/sharedo/client`) or knows of tickets and Jira.
"""
