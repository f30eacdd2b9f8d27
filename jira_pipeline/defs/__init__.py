"""Dagster words around the stages, and nothing but words.

One module per concept of Dagster; `build` puts them together; `composition` wires the adapters
and knows no Dagster, because the command line uses it too.
"""
