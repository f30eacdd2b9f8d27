"""Dagster words around the stages, and the steps that assets and the command line both take.

One module per concept of Dagster; `build` puts them together. `composition` wires the adapters;
it, the `*_steps`, the `session_*` modules and `opened_exports` call stages with them and know no
Dagster, because the command line uses them too.
"""
