"""Style sheets and scripts, below an address that names what they say: a browser asks for each once.

Belongs here: that name, how long a file is kept. Does not: the files (`static`,
`model/look/static`).

Scripts import each other by relative addresses, so one name is for all files of a folder: where one
changes, a browser fetches all of them again, 28 kB packed.
"""

import hashlib
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

from jira_pipeline.model import look

FOLDERS = (Path(__file__).parent / "static", Path(look.__file__).parent / "static")
ADDRESS = "/static"
_FOR_EVER = "public, max-age=31536000, immutable"


@cache
def static_address() -> str:
    """Return where our files are; another address where one of them says something else."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in FOLDERS for path in folder.iterdir()):
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    return f"{ADDRESS}/{digest.hexdigest()[:12]}"


class NamedFiles(StaticFiles):
    """Serves files below a name for all of them, and for ever where it is the one they have now.

    Below the name of an earlier version, as a page has it that is open since, and without a name a
    browser asks each time. There are no folders: what is before the name of a file is such a name.
    """

    def __init__(self) -> None:
        super().__init__(directory=FOLDERS[0])
        self.all_directories = list(FOLDERS)

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        named = Path(path)
        response = await super().get_response(named.name, scope)
        if ADDRESS / named.parent == Path(static_address()):
            response.headers["cache-control"] = _FOR_EVER
        return response
