"""What sheets made of sites that are on this machine say, and how they compare with their own site.

A list names exports in Git repositories, one a line: `REPOSITORY@COMMIT FOLDER`, with the path of a
repository below the folder that `--below` names, else below that of the list; `#` begins a remark.
Printed for each site: warnings, questions, those that its configuration answers, bundles that it
has no file of, rows of its own sheets that it does not meet, and processor time.

A site cannot be wrong about itself, so each warning has to be looked at (`--all` prints them all).
Goals: no such bundle, no such row, warnings only on what the site really has wrong.
"""

import argparse
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.specifications import read_site
from jira_pipeline.context.settings import load_limits
from jira_pipeline.drupal.site.bundles import entity_type_of
from jira_pipeline.drupal.site.configuration import (
    BUNDLE_PREFIXES,
    EARLIER_PREFIXES,
    PREFIXES_READ_LATER,
    SiteConfiguration,
    read_configuration,
)
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline.model.entities import (
    BundleType,
    Entity,
    EntityKind,
    OtherType,
    Specification,
)
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline.sessions.site_verifying import compare_site
from jira_pipeline.sheets.manifest import read_manifest
from jira_pipeline.sheets.sheet_linting import lint_folder
from jira_pipeline.sheets.site_sheets import make_sheets
from jira_pipeline.sheets.sources import UploadedSource
from jira_pipeline.tickets.grouping.grouping import group_entities

ABSENT: Final = "missing"
"""What Git says of a file that a copy of a repository lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSite:
    """A line of the list."""

    repository: Path
    commit: str
    folder: str

    @property
    def name(self) -> str:
        """The repository as the list names it, without the folder of Git."""
        parts = [part for part in self.repository.parts if part not in {".git", "repo"}]
        return parts[-1]


@dataclass(kw_only=True)
class Measured:
    """What was found of one site."""

    row_count: int
    findings: Sequence[Finding]
    questions: Sequence[OpenQuestion]
    answered: Sequence[OpenQuestion]
    """Questions that its configuration answers."""
    phantoms: Sequence[str]
    """Bundles that its sheets have and that it has no file of."""
    unmet: Sequence[str]
    """Rows of its own sheets that it does not meet, those on hold left out."""
    sheets_seconds: float
    verify_seconds: float


def main() -> None:
    """Measure each site of a list, and print the sums."""
    given = argparse.ArgumentParser(prog="python -m benchmarks sites", description=__doc__)
    given.add_argument("list", type=Path, help="a file with the sites, one a line")
    given.add_argument("--below", type=Path, help="folder that has the repositories")
    given.add_argument("--all", action="store_true", help="print each warning, question and row")
    chosen = given.parse_args([word for word in sys.argv[1:] if word != "sites"])
    below = chosen.below or chosen.list.parent
    print(
        f"{'site':<34}{'rows':>6}{'warn':>6}{'asked':>6}{'known':>6}{'phant':>6}{'unmet':>6}",
        end="",
    )
    print(f"{'sheets s':>9}{'verify s':>9}")
    all_measured = []
    for site in listed_sites(chosen.list, below):
        measured = _measured_or_none(site)
        if measured is not None:
            all_measured.append(measured)
            _print_line(site.name, [measured])
            if chosen.all:
                _print_all(measured)
    _print_line(f"{len(all_measured)} sites", all_measured)
    answered: Counter[str] = Counter()
    for measured in all_measured:
        answered.update(question.kind for question in measured.answered)
    print(f"answered by the configuration, by kind: {dict(answered.most_common())}")
    row_count = sum(measured.row_count for measured in all_measured) or 1
    for what, seconds in (
        ("sheets", sum(measured.sheets_seconds for measured in all_measured)),
        ("verify", sum(measured.verify_seconds for measured in all_measured)),
    ):
        print(f"{what}: {1000 * seconds / row_count:.2f} ms of CPU a row")


def listed_sites(path: Path, below: Path) -> Iterator[ListedSite]:
    """Yield the sites of a list.

    Raises:
        ValueError: A line is not `REPOSITORY@COMMIT FOLDER`.
    """
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if not text:
            continue
        repository, _, rest = text.partition("@")
        commit, _, folder = rest.partition(" ")
        if not repository or not commit or not folder:
            raise ValueError(f"a site is REPOSITORY@COMMIT FOLDER, not “{text}”")
        yield ListedSite(repository=below / repository, commit=commit, folder=folder.strip())


def _measured_or_none(site: ListedSite) -> Measured | None:
    if not site.repository.exists():
        print(f"{site.name:<34} is not on this machine")
        return None
    with TemporaryDirectory() as folder:
        config = Path(folder, "config")
        unpack(site, config)
        return measured_of(config, Path(folder, "sheets"))


def unpack(site: ListedSite, config: Path) -> None:
    """Write the files of the export; what the copy of a repository lacks is left out."""
    folder = PurePosixPath(site.folder)
    listing = _git(site, "ls-tree", "-r", "-z", site.commit, "--", f"{folder}/")
    paths_by_blob: dict[str, list[str]] = {}
    for entry in listing.decode().split("\0"):
        described, _, path = entry.partition("\t")
        if path.endswith(".yml"):
            paths_by_blob.setdefault(described.split()[2], []).append(path)
    blobs = _git(site, "cat-file", "--batch", given="\n".join(paths_by_blob).encode())
    start = 0
    while start < len(blobs):
        end = blobs.index(b"\n", start)
        blob, *kind_and_size = blobs[start:end].decode().split()
        start = end + 1
        if kind_and_size[-1] == ABSENT:
            continue
        size = int(kind_and_size[-1])
        for path in paths_by_blob[blob]:
            target = config / PurePosixPath(path).relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(blobs[start : start + size])
        start += size + 1


def _git(site: ListedSite, *arguments: str, given: bytes = b"") -> bytes:
    command = ["git", "-C", str(site.repository), *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout


def measured_of(config: Path, sheets: Path) -> Measured:
    """Make the sheets of an export, read them, and compare them with it."""
    sheets.mkdir()
    begun = time.process_time()
    made = make_sheets(config, out=sheets)
    sheets_seconds = time.process_time() - begun
    for path, content in made.files.items():
        path.write_bytes(content)
    source = UploadedSource(settings=load_limits())
    lint = lint_folder(sheets, manifest=read_manifest(sheets), source=source)
    specification = read_site(sheets, is_as_new=False)
    groups = group_entities(specification).groups
    begun = time.process_time()
    configuration = read_configuration(config)
    verification = compare_site(
        specification,
        groups,
        site_entities(configuration),
        session_key="site",
        config=config.name,
        titles={},
    )
    verify_seconds = time.process_time() - begun
    questions = [question for _, question in lint.questions]
    answering = Answering(configuration, config, specification)
    unmet = []
    for row in verification.rows:
        if row.verdict not in {Verdict.MET, Verdict.ON_HOLD}:
            unmet.append(f"{row.verdict} {row.key}")
    return Measured(
        row_count=len(specification.entities),
        findings=[found for found in lint.findings if found.severity is Severity.WARNING],
        questions=questions,
        answered=[question for question in questions if answering.is_answered(question)],
        phantoms=[*_phantoms(specification, configuration)],
        unmet=unmet,
        sheets_seconds=sheets_seconds,
        verify_seconds=verify_seconds,
    )


def _phantoms(specification: Specification, configuration: SiteConfiguration) -> Iterator[str]:
    """Yield the bundles that no file is of; of accounts and types of other modules only fields are."""
    prefixes = {
        *BUNDLE_PREFIXES.values(),
        *PREFIXES_READ_LATER.values(),
        *EARLIER_PREFIXES.values(),
        "webform.webform",
    }
    named = {*configuration.objects, *configuration.refused}
    for row in specification.by_kind[EntityKind.BUNDLE]:
        if row.bundle_type is BundleType.USER or isinstance(row.bundle_type, OtherType):
            fields = f"field.field.{entity_type_of(row.bundle_type)}.{row.machine_name}"
            is_named = any(configuration.below(fields))
        else:
            is_named = any(f"{prefix}.{row.machine_name}" in named for prefix in prefixes)
        if not is_named:
            yield row.key


class Answering:
    """Looks for answers in the data of files, without what the reader of a site makes of them."""

    def __init__(
        self, configuration: SiteConfiguration, config: Path, specification: Specification
    ) -> None:
        self._configuration = configuration
        self._config = config
        self._rows: dict[tuple[str, int], Entity] = {}
        for row in specification.entities:
            self._rows[row.source.file, row.source.line] = row
        self._texts_of_others = ""

    def is_answered(self, question: OpenQuestion) -> bool:
        """Tell whether a configuration answers a question that was asked of sheets made of it."""
        if question.kind in ALWAYS_ANSWERED:
            return True
        row = self._rows.get((question.file, question.line))
        answers = ANSWERED_BY.get(question.kind)
        return row is not None and answers is not None and answers(self, row, question)

    def has_source(self, row: Entity, _: OpenQuestion) -> bool:
        """Tell whether a media type says its source."""
        return self._configuration.settings(f"media.type.{row.machine_name}").at("source").is_there

    def has_settings_of_widget(self, row: Entity, _: OpenQuestion) -> bool:
        """Tell whether a form has settings for the widget of a field."""
        for name, form in self._configuration.below("core.entity_form_display"):
            component = form.at("content", row.machine_name, "settings")
            if f".{row.cell('Bundle machine name')}." in f".{name}." and component.data:
                return True
        return False

    def names_display(self, row: Entity, question: OpenQuestion) -> bool:
        """Tell whether a file other than that of a view names one of its displays that it asks of."""
        if not self._texts_of_others:
            texts = []
            for path in self._config.glob("*.yml"):
                if not path.name.startswith("views.view."):
                    texts.append(path.read_text(encoding="utf-8", errors="replace"))
            self._texts_of_others = "\n".join(texts)
        plugin = f"views_block:{row.cell('View ID') or row.machine_name}-"
        asked_names = re.findall(r"`(\w+)`", question.question)
        if not asked_names:  # a view with one display
            return plugin in self._texts_of_others
        return any(f"{plugin}{name}" in self._texts_of_others for name in asked_names)

    def has_first_state(self, row: Entity, _: OpenQuestion) -> bool:
        """Tell whether a workflow says where new content starts."""
        workflow = self._configuration.settings(f"workflows.workflow.{row.machine_name}")
        return workflow.at("type_settings", "default_moderation_state").is_there


ALWAYS_ANSWERED: Final[Collection[str]] = frozenset(
    {
        *("rows.unsettled", "lists.unknown", "lists.blank", "lists.values", "lists.effects"),
        *("lists.moderated", "lists.no_transition", "lists.permissions_noted"),
        *("lists.who", "lists.who_each"),
        *("bundles.not_on_the_form", "bundles.values", "bundles.widget", "bundles.options"),
    }
)
"""Kinds of questions about what a file always says, or about texts that `sheets` wrote itself."""
ANSWERED_BY: Final[Mapping[str, Callable[[Answering, Entity, OpenQuestion], bool]]] = {
    "bundles.media_source": Answering.has_source,
    "bundles.module_settings": Answering.has_settings_of_widget,
    "lists.first_state": Answering.has_first_state,
    "views.form": Answering.names_display,
}
"""What a file says where a site uses it."""


def _print_line(name: str, all_measured: Sequence[Measured]) -> None:
    counts = (
        sum(measured.row_count for measured in all_measured),
        sum(len(measured.findings) for measured in all_measured),
        sum(len(measured.questions) for measured in all_measured),
        sum(len(measured.answered) for measured in all_measured),
        sum(len(measured.phantoms) for measured in all_measured),
        sum(len(measured.unmet) for measured in all_measured),
    )
    sheets_seconds = sum(measured.sheets_seconds for measured in all_measured)
    verify_seconds = sum(measured.verify_seconds for measured in all_measured)
    columns = "".join(f"{count:>6,}" for count in counts)
    print(f"{name:<34}{columns}{sheets_seconds:>9.2f}{verify_seconds:>9.2f}", flush=True)


def _print_all(measured: Measured) -> None:
    for finding in measured.findings:
        print(f"  {finding.code}: {finding.place}: {finding.message}")
    for question in measured.questions:
        mark = " (answered)" if question in measured.answered else ""
        print(f"  {question.kind}{mark}: {question.question}")
    for line in (*measured.phantoms, *measured.unmet):
        print(f"  {line}")


if __name__ == "__main__":
    main()
