"""Questions the sheets leave open: found by rule, asked of people, never answered by guessing.

`open_questions` is the door; `row_questions`, `note_conflicts`,
`field_questions`, `storage_questions`, `target_questions`, `bundle_questions`,
`workflow_questions` and `structure_questions` hold the rules, `doubts` what a rule finds before
rows are joined, `question_index` the look-ups over a whole specification.
"""
