"""Questions that the sheets leave open, found by rule in the rows.

`found_questions` is the door; `questions_of_…` hold the rules that have no module of their own in
`drupal` yet. Does not belong here: making a question (`drupal/row_questions`), its words (`drupal/words`).
"""
