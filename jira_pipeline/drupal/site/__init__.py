"""The exported configuration of a Drupal site as a source: YAML to the entities that sheets have."""
