"""Reads ShareDo export packages; usable on its own.

`packages` reads one file, `reading` makes tables and entities of a folder, or of what two
environments differ in. Not here: servers (`client`), tickets, Jira.
"""
