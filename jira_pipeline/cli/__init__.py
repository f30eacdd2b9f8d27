"""Words of the terminal: commands, tables, exit codes.

`app` holds the program and how errors leave it, `console` how things are shown; one module for
each group of commands. A command imports the use cases it needs when it begins: `--help` and lists
start fast, and Dagster is imported only by the commands that start runs.
"""
