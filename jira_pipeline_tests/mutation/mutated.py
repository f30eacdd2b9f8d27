"""The modules of which every small change must be noticed: the ledger, and what settles doubts.

Belongs here: their names. Does not: which changes (`operators`).
"""

EXPORT = "export"
LEDGER = (
    "kernel/export_ledger.py",
    "store/ledger.py",
    f"{EXPORT}/ledger_comparison.py",
    f"{EXPORT}/ledger_page.py",
)
SETTLING = (
    f"{EXPORT}/doubts.py",
    f"{EXPORT}/lookups.py",
    f"{EXPORT}/sending.py",
    f"{EXPORT}/settle.py",
)
GROUPS = {"ledger": LEDGER, "settling": SETTLING}
MUTATED = (*LEDGER, *SETTLING)
