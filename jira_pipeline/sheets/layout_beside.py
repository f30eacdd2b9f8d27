"""The `layout.yaml` of a folder: the door through which a layout enters with the sheets it is of.

Belongs here: which file it is, and how much is taken. Does not: what it says (`layouts`), which is
loaded where there is one.
"""

from pathlib import Path

from jira_pipeline.model.errors import LayoutRefusedError, system_message
from jira_pipeline.model.specification_source import LAYOUT_NAMES

LAYOUT_MAX_BYTES = 500_000
"""Six real ones have 3 to 11 kB; what was left out may be many texts."""


def layout_beside(folder: Path) -> bytes | None:
    """Return the content of the layout that lies in a folder; None without one.

    Raises:
        LayoutRefusedError: There are two, or it cannot be read, or is too large.
    """
    paths = [folder / name for name in LAYOUT_NAMES]
    present = [path for path in paths if path.is_symlink() or path.exists()]
    if not present:
        return None
    if len(present) > 1:
        raise LayoutRefusedError(
            file_name=" and ".join(LAYOUT_NAMES), reason="keep only one of them"
        )
    return read_layout_file(present[0])


def read_layout_file(path: Path) -> bytes:
    """Return the content of a file with a layout.

    Raises:
        LayoutRefusedError: It is no regular file, cannot be read, or is too large.
    """
    if path.is_symlink() or not path.is_file():
        raise LayoutRefusedError(file_name=path.name, reason="it is not a regular file")
    try:
        with path.open("rb") as file:
            content = file.read(LAYOUT_MAX_BYTES + 1)
    except OSError as error:
        reason = f"it cannot be read: {system_message(error)}"
        raise LayoutRefusedError(file_name=path.name, reason=reason) from error
    if len(content) > LAYOUT_MAX_BYTES:
        reason = f"it has more than {LAYOUT_MAX_BYTES:,} bytes, the limit of a layout"
        raise LayoutRefusedError(file_name=path.name, reason=reason)
    return content
