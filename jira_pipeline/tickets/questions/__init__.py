"""Questions that the sheets leave open, found by rule in the rows.

`found_questions` is the door; the modules `questions_of_…` hold the rules, `question_index` what a
rule is, what it finds before rows are joined, and the look-ups.
"""
