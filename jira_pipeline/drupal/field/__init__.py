"""Fields of bundles: a module for each rule, its words in `words.toml`.

Does not belong here: which rules there are and their order (`drupal/rules`), what a rule is
(`drupal/rule`).
"""
