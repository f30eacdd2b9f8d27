"""Reads ShareDo export packages; usable on its own.

`packages` reads one file, `component_tables` makes a table of a component, `reading` entities of a
folder, `compared` of what two environments differ in. Not here: servers (`client`), tickets, Jira.
"""
