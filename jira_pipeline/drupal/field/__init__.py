"""Fields of bundles: what each is, how it is entered, stored and shown."""
