"""What the sheets of a site leave open although they were made of its configuration.

The configurations of four sites in `../shared/data/drupal_config` answer 192 of the questions that
were once asked of sheets made of them: all but those of the kinds in `UNANSWERED`. Goal: at most
one in ten of the 192 is still asked. Forms of views are counted apart: the open cells of each
specification at hand, and how many of them the answers for a whole site fill.
"""

import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.specifications import DATA, REAL, ROOT, is_absent, read_site
from jira_pipeline.context.settings import load_limits
from jira_pipeline.drupal.view.form import form_of
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.forms_in_text import parse_cells
from jira_pipeline.model.site_answers import site_cells_in
from jira_pipeline.sheets.manifest import read_manifest
from jira_pipeline.sheets.sheet_linting import LintResult, lint_folder
from jira_pipeline.sheets.site_sheets import make_sheets
from jira_pipeline.sheets.sources import UploadedSource
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.template import form_html

SITES = (
    ("yale_2026-07", "yale_2025-10"),
    ("mass_2026-07", "mass_2025-04"),
    ("nidirect_2026-06", ""),
    ("digitalgov_2026-08", ""),
)
"""Exports, with the older one that tells what changed."""
ANSWERED = 192
UNANSWERED = frozenset(
    [
        "bundles.done_so",
        "bundles.emptied",
        "bundles.newly_required",
        "bundles.off_the_form",
        "bundles.shown_so",
        "bundles.terms",
        "views.disabled",
    ]
)
"""Kinds that no configuration answers: what code does, what becomes of content, who is meant."""
_FORM = "views.form"


def main() -> None:
    """Print the questions that are left of each site, whole with --all."""
    if is_absent(DATA / "sites", DATA / "drupal_config", REAL):
        return
    left = Counter[str]()
    for export, since in SITES:
        asked = _questions(export, since).asked_once
        kinds = Counter(once.question.kind for once in asked)
        own = {kind: n for kind, n in kinds.items() if kind not in {*UNANSWERED, _FORM}}
        left.update(own)
        print(
            f"{export:<20}{sum(own.values()):>4} asked, {kinds[_FORM]} forms, {kinds.total()} in all"
        )
        for once in asked if "--all" in sys.argv else ():
            if once.question.kind in own:
                print(f"  {once.question.kind}: {once.question.question}")
    print(f"{left.total()} of {ANSWERED}: {dict(left.most_common())}\n")
    examples = sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())
    of_all = [0, 0]
    for folder in (REAL, *sorted((DATA / "sites").iterdir()), *examples):
        open_count, filled = _cells_of_forms(folder)
        of_all = [of_all[0] + open_count, of_all[1] + filled]
        print(f"{folder.name:<20}{open_count:>4} open cells, {filled} filled for the whole site")
    print(f"{of_all[1]} of {of_all[0]}")


def _cells_of_forms(folder: Path) -> tuple[int, int]:
    """Count the open cells of its forms, and those that answers for the whole site fill."""
    specification = read_site(folder, is_as_new=False)
    forms = [
        form_html(form_of(group))
        for group in group_entities(specification).groups
        for head in group.heads[:1]
        if head.kind is EntityKind.VIEW
    ]
    open_count = sum(cell.is_open for form in forms for cell in parse_cells(form))
    return open_count, sum(1 for form in forms for _ in site_cells_in(form, {}))


def _questions(export: str, since: str) -> LintResult:
    exports = DATA / "drupal_config"
    with TemporaryDirectory() as folder:
        out, older = Path(folder), exports / since if since else None
        for path, content in make_sheets(exports / export, since=older, out=out).files.items():
            path.write_bytes(content)
        source = UploadedSource(settings=load_limits())
        return lint_folder(out, manifest=read_manifest(out), source=source)


if __name__ == "__main__":
    main()
