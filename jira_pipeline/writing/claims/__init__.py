"""What a ticket says with certainty: claims, each resting on cells, counts, references or Drupal.

Belongs here: the claims of every kind of group, the phrases they are rendered with, facts of
Drupal. Does not: questions (`sources/questions`), what a model adds (`completion`), tables (they
render from the rows).
"""
