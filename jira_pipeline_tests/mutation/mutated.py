"""The modules of which every small change must be noticed: the ledger, and what settles doubts.

Belongs here: their names. Does not: which changes (`operators`).
"""

EXPORT = "stages/jira_export"
LEDGER = (
    "domain/export_ledger.py",
    "store/ledger.py",
    f"{EXPORT}/book.py",
    f"{EXPORT}/ledger_comparison.py",
)
SETTLING = (
    f"{EXPORT}/doubts.py",
    f"{EXPORT}/key_window.py",
    f"{EXPORT}/lookout.py",
    f"{EXPORT}/orphans.py",
    f"{EXPORT}/sending.py",
    f"{EXPORT}/settle.py",
    f"{EXPORT}/settling.py",
    f"{EXPORT}/sighting.py",
)
GROUPS = {"ledger": LEDGER, "settling": SETTLING}
MUTATED = (*LEDGER, *SETTLING)
