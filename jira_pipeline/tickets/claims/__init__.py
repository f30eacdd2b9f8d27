"""What a ticket says with certainty: claims, each resting on cells, counts, references or Drupal.

A module for each kind of group. Does not belong here: making a claim (`drupal/claims`), its words
(`drupal/words`), the whole ticket and its estimate (`tickets/template`), questions (`tickets/questions`), what a model
adds (`writing/completion`), tables (they render from the rows), facts of Drupal (`drupal/meaning`).
"""
