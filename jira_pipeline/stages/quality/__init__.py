"""How good tickets are: ten points each, with a reason for every point that is lost.

`rubric` says what a point means and gives them; `shown_tables` reads the tables of a document back
and compares them with the rows; `source_words` knows every name, number and sentence of the
sheets; `prose_reading` takes fragments apart, `prose_checks` and `reader_checks` judge them, and
`row_checks` says which rows ask for more; `quality_report` and `writer_comparison` say the outcome.
docs/quality.md explains the same to people.
"""
