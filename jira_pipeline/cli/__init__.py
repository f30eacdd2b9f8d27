"""Words of the terminal: commands, tables, exit codes.

`app` holds the program and names the module of each command, `console` how things are shown,
`verb_commands` commands made from verbs. A command imports the use cases it needs when it begins:
`--help` and lists start fast, and Dagster is imported only by the commands that start runs.
"""
