"""What decides in our own code what tickets say and how Jira gets them, as one digest.

Belongs here: reading modules and tables. Does not: which rooms have a part in what (`reads_of_tickets`,
`documents/kept_documents`).
"""

import hashlib
import sys
from collections.abc import Iterable
from importlib import resources

from jira_pipeline.model.user_agent import program_version

ROOT = "jira_pipeline"
DECIDING = {".py", ".toml"}


def code_version(rooms: Iterable[str], *, also: str = "") -> str:
    """Return a digest, equal only where all modules and tables of some rooms are the same.

    It is read from the files, so nobody has to remember to raise a number. `also` is what decides
    beside them, such as the versions of libraries.
    """
    # The version tells releases apart also where modules are installed without their source. What
    # letters are, and how texts are folded, is Python's.
    versions = f"{program_version()}, python {sys.version_info[:2]}\n{also}"
    digest = hashlib.sha256(versions.encode())
    root = resources.files(ROOT)
    for room in rooms:
        with resources.as_file(root / room) as folder:
            for path in sorted(p for p in folder.rglob("*") if p.suffix in DECIDING):
                digest.update(f"{room}/{path.relative_to(folder)}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
