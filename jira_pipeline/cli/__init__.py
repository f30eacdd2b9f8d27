"""Words of the terminal: commands, tables, exit codes.

`app` holds the program and how errors leave it, `console` how things are shown; one module for
each group of commands. Dagster is imported only by the commands that start runs.
"""
