"""What is compared: each subject that is frozen is a file of `frozen/`.

Belongs here: the list, and where specifications are. Does not: how each is frozen.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from jira_pipeline_tests.faults.schedules import WORLDS
from jira_pipeline_tests.golden.commands import at_the_terminal, over_http
from jira_pipeline_tests.golden.frozen_text import Item
from jira_pipeline_tests.golden.journals import in_world, session_at_the_site
from jira_pipeline_tests.golden.specifications import (
    claims_of_rows,
    computed_of,
    exported_sites,
    generated_sites,
    groups_of_rows,
    odd_sites,
    questions_of_rows,
    sheets_of_people,
    tables_of_rows,
    write_packages,
)
from jira_pipeline_tests.golden.surfaces import declared, help_texts, next_steps

ROOT: Final = Path(__file__).resolve().parents[2]
EXAMPLES: Final = ROOT / "examples"
DATA: Final = ROOT.parent / "shared" / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One file of what is frozen."""

    name: str
    """Path below `frozen/`, without suffix."""
    items: Callable[[], Iterable[Item]]
    folder: Path | None = None
    """Of others: the subject is skipped where it is absent, and its texts are not copied."""
    is_sealed: bool = False
    """A hash is kept for each item: the texts are much like those of another subject."""
    is_quick: bool = True
    """It is part of the tests."""
    is_frozen: bool = True
    """Its text is in `frozen/`; otherwise only `check --base` compares it, with a commit."""

    @property
    def is_absent(self) -> bool:
        """Its specification is not on this machine."""
        return self.folder is not None and not self.folder.is_dir()


def all_subjects(data: Path = DATA) -> tuple[Subject, ...]:
    """Return everything that is frozen."""
    examples = sorted(path for path in EXAMPLES.iterdir() if path.is_dir())
    others = {
        "uwec": data / "uwec",
        "yale": data / "sites" / "yale",
        "mass": data / "sites" / "mass",
    }
    return (
        Subject(name="surfaces/commands", items=declared),
        Subject(name="surfaces/help", items=help_texts, is_frozen=False),
        Subject(name="surfaces/next_steps", items=next_steps, is_frozen=False),
        *(
            Subject(name=f"specifications/{folder.name}", items=partial(computed_of, folder))
            for folder in examples
        ),
        Subject(
            name="specifications/packages",
            items=partial(_of_packages, computed_of, "development"),
        ),
        Subject(
            name="specifications/packages_of_test",
            items=partial(_of_packages, computed_of, "test"),
            is_sealed=True,
        ),
        Subject(name="specifications/sheets_of_people", items=sheets_of_people),
        Subject(name="specifications/exported_sites", items=exported_sites),
        Subject(
            name="specifications/generated_sites",
            items=generated_sites,
            is_sealed=True,
            is_quick=False,
        ),
        Subject(name="specifications/groups_of_rows", items=groups_of_rows),
        Subject(name="specifications/tables_of_rows", items=tables_of_rows),
        Subject(name="specifications/claims_of_rows", items=claims_of_rows),
        Subject(name="specifications/questions_of_rows", items=questions_of_rows),
        *(
            Subject(
                name=f"specifications/{name}", items=partial(computed_of, folder), folder=folder
            )
            for name, folder in others.items()
        ),
        Subject(name="comparisons/odd_sites", items=odd_sites),
        Subject(name="worlds/none", items=partial(in_world, None), is_frozen=False),
        Subject(
            name="worlds/none_in_bulk",
            items=partial(in_world, None, batch_size=50),
            is_frozen=False,
        ),
        *(
            Subject(name=f"worlds/{world}", items=partial(in_world, world), is_frozen=False)
            for world in WORLDS
        ),
        Subject(
            name="journals/demo",
            items=partial(session_at_the_site, EXAMPLES / "uhrenmuseum"),
            is_quick=False,
        ),
        Subject(
            name="journals/packages",
            items=partial(_of_packages, session_at_the_site, "development", "test"),
            is_sealed=True,
            is_quick=False,
        ),
        Subject(
            name="journals/uwec",
            items=partial(session_at_the_site, others["uwec"]),
            folder=others["uwec"],
            is_quick=False,
        ),
        Subject(name="commands/requests", items=over_http, is_frozen=False),
        Subject(name="commands/sheets", items=partial(at_the_terminal, "sheets"), is_quick=False),
        Subject(
            name="commands/packages", items=partial(at_the_terminal, "packages"), is_frozen=False
        ),
    )


def _of_packages(items_of: Callable[[Path], Iterable[Item]], *names: str) -> Iterator[Item]:
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        packages = write_packages(Path(folder))
        for name in names:
            for item in items_of(packages[name]):
                yield Item(f"{name}, {item.head}", item.text)
