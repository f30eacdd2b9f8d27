"""What a ticket says with certainty: claims, each resting on cells, counts, references or Drupal.

A module for each kind of group, `claim` and `phrases.toml` for the words,
`ticket` for the whole and its estimate. Does not belong here: questions (`tickets/questions`), what
a model adds (`writing/completion`), tables (they render from the rows), facts of Drupal
(`drupal/meaning`).
"""
