"""Decides each guard of the reader of sites: `python -m jira_pipeline_tests.mutation.site`.

Belongs here: its modules, with what judges each; the list of changes that nothing can notice is
`equivalent_guards_of_sites.toml`. Does not: judging (`rules`).
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from jira_pipeline_tests.mutation.changed_modules import ROOM_IMPORTED
from jira_pipeline_tests.mutation.rules import (
    CASES,
    CHECKOUT,
    RULES,
    RuleModule,
    equivalent_changes,
    judge_chosen,
)

EQUIVALENT_PATH: Final = Path(__file__).parent / "equivalent_guards_of_sites.toml"
_GENERATED: Final = "test_generated_reading"
"""Has each generated site read, and compares what is read with what is frozen."""
_CASES_BY_MODULE: Final = {
    "configuration": ("test_reading_a_configuration", "test_split_patches"),
    "split_patches": ("test_split_patches",),
}
"""Modules that other cases judge than those named like it and the generated sites.

Generated sites are read once in all, with every guard in place: how is not judged by them.
"""
_SECONDS_MAX: Final = 90
"""Making entities of all generated sites takes some ten seconds of the processor."""


def site_modules(checkout: Path) -> list[RuleModule]:
    """Return the modules of the reader, each with the tests that judge it."""
    modules = []
    for path in sorted((checkout / RULES / "site").glob("*.py")):
        own = f"test_{path.stem}"
        names = _CASES_BY_MODULE.get(path.stem, (own, _GENERATED))
        paths = [checkout / CASES / "site" / f"{name}.py" for name in names]
        first, *further = [path for path in paths if path.is_file()]
        modules.append(
            RuleModule(
                import_name=f"{ROOM_IMPORTED}site.{path.stem}",
                path=path,
                cases=first,
                further_cases=tuple(further),
                seconds_max=_SECONDS_MAX,
            )
        )
    return modules


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the reader of sites; return 1 where a change is not noticed."""
    return judge_chosen(site_modules(CHECKOUT), equivalent_changes(EQUIVALENT_PATH), arguments)


if __name__ == "__main__":
    # What judges is of the long form, which is read when its tests are imported.
    os.environ["JIRA_PIPELINE_TEST_LONG"] = "1"  # noqa: TID251 - a matter of tests
    sys.exit(main())
