"""Values that several subjects share, and the rules that are theirs alone: no subject, no adapter."""
