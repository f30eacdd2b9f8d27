"""A session opened: its facts, the state it is in and what is next, who is at work on it.

`facts` reads what the store says of one, each fact once; `states` says what follows; `runs` sees
runs from outside of Dagster; `pipeline` is what one process works with.
"""
