"""View modes: the ways in which an entity type is shown, such as a teaser."""
