"""The steps, in the order of their numbers; each is named in `store/engine.REVISIONS`."""
