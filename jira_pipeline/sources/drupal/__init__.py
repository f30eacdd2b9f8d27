"""What the cells of a specification mean to Drupal: facts with their sources, no rules of ours."""
