"""Mutants that no test can notice, each with its reason.

Belongs here: changes after which the program still does the same. Does not: what a test could
notice but none does: that is for a test, or for less code.
"""

EQUIVALENTS: dict[str, str] = {
    "kernel/export_ledger.py current_entries: changed_at.get(part, 0) < entry.sequence"
    " -> changed_at.get(part, 0) <= entry.sequence": (
        "No two entries have one sequence, and what is about a link or a file is no removal."
    ),
    "export/ledger_page.py LedgerPage.state: identity not in self._states -> True": (
        "Only a cache: the entries add up to the same state again."
    ),
    "export/ledger_page.py LedgerPage.write: 0 -> 1": (
        "The ledger gives the entry its sequence, whatever it said before."
    ),
}
"""The name of a mutant, and why nothing differs."""
