"""Names the code that reads sheets and renders tickets, so that another one is noticed.

Belongs here: one hash over every module that has a part in what Jira gets, and the versions of
the libraries below them. Nobody has to remember to raise a number.
"""

import hashlib
from functools import cache
from importlib import metadata, resources

ROOT = "jira_pipeline"
ROOMS = ("adf", "domain", "sources", "stages")
LIBRARIES = ("markdown-it-py", "selectolax")


@cache
def rendering_of(*, body_max_bytes: int) -> str:
    """Return a hash that is the same only where the same tickets render the same."""
    digest = hashlib.sha256(f"body_max_bytes={body_max_bytes}\n".encode())
    for name in LIBRARIES:
        digest.update(f"{name}=={metadata.version(name)}\n".encode())
    root = resources.files(ROOT)
    for room in ROOMS:
        with resources.as_file(root / room) as folder:
            for path in sorted(folder.rglob("*.py")):
                digest.update(f"{path.relative_to(folder)}\n".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
