"""Questions that the sheets leave open, found by rule in the rows.

`open_questions` is the door; the modules `questions_of_…` and `component_questions` hold the rules,
`doubts` what a rule finds before rows are joined, `question_index` the look-ups, `questions_left` the
count that people see.
"""
