"""Mutants that no test can notice, each with its reason.

Belongs here: changes after which the program still does the same. Does not: what a test could
notice but none does: that is for a test, or for less code.
"""

EQUIVALENTS: dict[str, str] = {}
"""The name of a mutant, and why nothing differs."""
