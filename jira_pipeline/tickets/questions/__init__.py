"""Questions that the sheets leave open, found by rule in the rows.

`found_questions` is the door; the modules `questions_of_…` hold the rules, `question_index` what a
rule finds before rows are joined, `question_index` the look-ups, `view_forms` what has to be known
of a view before anybody can build it.
"""
