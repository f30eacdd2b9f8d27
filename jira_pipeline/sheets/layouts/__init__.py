"""Declared layouts: what somebody says of a workbook once, applied exactly to each of its versions.

`layout` is the language, `layout_files` its door. `grid` and `grid_reading` are the cells of
worksheets, `regions`, `values`, `lookups` and `joining` copy them, `applying` does all of it.
`coverage` names what nobody reads, `row_checks` what cannot be right; `layout_tables` makes the tables
that `reading/entities` takes.
"""
