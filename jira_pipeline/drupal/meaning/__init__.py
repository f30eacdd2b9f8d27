"""What the cells of a specification mean to Drupal: facts with their sources, no rules of ours.

`modules_and_types` has the facts, `notes` reads prose, the others the cells they are named after.
"""
