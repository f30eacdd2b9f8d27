"""What a ticket says with certainty: claims, each resting on cells, counts, references or Drupal.

A module for each kind of group, `claim` and `phrases.toml` for the words. Does not belong here:
the whole ticket and its estimate (`tickets/template`), questions (`tickets/questions`), what a model
adds (`writing/completion`), tables (they render from the rows), facts of Drupal (`drupal/meaning`).
"""
