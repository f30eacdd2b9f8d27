"""Whatever a site holds, sheets made of it are read whole, ask nothing it answers, and are met by it.

What fails is committed as an expected failure, by kind. Who mends a kind has to take it out of
`EXPECTED_FAILURES`: a kind that passes there fails.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from jira_pipeline.drupal.meaning.notes import options_in
from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.drupal.site.site_cells import Site
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline.model.entities import Entity, Specification
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.site_sheets import make_sheets
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import all_open_questions
from jira_pipeline_tests.drupal.site.generated_sites import KINDS, generated
from jira_pipeline_tests.long_form import SEED_COUNT, SEED_COUNT_LONG
from jira_pipeline_tests.projects import CHECKOUT
from jira_pipeline_tests.sheets.made_readings import read_folder
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.verification.invented import compared

EXPECTED_FAILURES: Mapping[str, str] = {}
"""Kinds that fail today, with the point of issue 101 that mends each."""
RIGHTLY_SAID: Mapping[str, Mapping[str, str]] = {
    "bundles_that_are_gone": {
        "finding reference_dangling": "the site names what it does not have",
        "question bundles.no_such_target": "the site names what it does not have",
        "question lists.unknown": "the site names what it does not have",
    },
    "bundles_that_no_name_tells_apart": {
        "finding reference_ambiguous": "the site has three of one name",
        "question bundles.alike": "the site has three of one name",
    },
    "control_characters_in_labels": {
        "finding control_character": "the site has it, and nobody sees it",
        "finding invisible_character": "the site has it, and nobody sees it",
    },
    "exports_that_are_torn": {"not_comparable": "what a file says that is not there"},
    "exports_without_displays": {"not_comparable": "what a file says that is not there"},
    "exports_without_the_list_of_modules": {"not_comparable": "what a file says that is not there"},
    "fields_called_like_other_bundles": {
        "finding label_contradicts_target": "only people know which of the two is meant"
    },
    "files_that_are_not_there": {
        "finding on_hold_with_approved_members": "a bundle has no file, and its fields have",
        "finding status_blank": "what has no file is on hold",
        "not_comparable": "what a file says that is not there",
        "on_hold": "a bundle has no file",
    },
    "filters_of_views": {"question views.ids": "no export says which content an ID is of"},
    "views_of_one_display": {
        "question views.disabled": "no export says why a view is disabled",
        "question views.form": "nothing shows the only display of a view",
    },
    "webforms_that_ask_for_nothing": {
        "question bundles.no_fields": "a form without elements, or with ones that nobody can read"
    },
    "workflows_that_say_little": {
        "question lists.first_state": "the site does not say where new content starts"
    },
    "hidden_fields": {
        "question bundles.off_the_form": "no export says what fills in a field that no form shows"
    },
    "targets_that_are_gone": {
        "finding reference_dangling": "the site names what it does not have",
        "question bundles.no_such_target": "the site names what it does not have",
    },
}
"""What sheets of a kind may say, with the reason."""
SAID_OF_ANY_SITE: Mapping[str, str] = {
    "question views.unpublished": "no export says whether that is meant",
    "question views.no_value": "no export says where an address with a value is linked",
}
"""What sheets of every kind may say, with the reason."""
MENDED_CASES: Mapping[str, tuple[str, ...]] = {
    "01_list_of_one": ("finding", "question", "options"),
    "02_commas_in_names": ("",),
    "03_original_image": ("",),
    "04_media_entity_bundle": ("finding", "on_hold", "not_comparable media", "question"),
    "05_left_over_of_a_bundle": ("finding status_blank", "on_hold"),
    "07_field_named_like_another_bundle": ("finding label",),
    "08_disabled_is_no_formula": ("finding",),
    "11_slash_in_a_moderated_name": ("finding", "question", "differs", "missing"),
    "12_webform_asks": ("question",),
    "13_media_source": ("question", "differs"),
    "14_entity_browser": ("finding", "question", "differs"),
    "15_date_list_is_called_select_list": ("question", "finding"),
    "16_effects": ("",),
    "17_displays_without_a_place": ("question", "differs"),
    "18_help_that_asks_for_no_code": ("question",),
    "20_comma_in_a_state": ("finding", "question lists.unknown", "differs", "missing"),
    "21_default_among_commas_and_quotes": ("",),
    "23_permission_that_begins_with_see": ("question",),
}
"""Folders of `../shared/cases6_sites`, with what their sheets said and do not say any more."""
SEEDS_A_KIND = max(1, SEED_COUNT * 20 // SEED_COUNT_LONG)
"""One, in the long form twenty."""


def judged(folder: Path, kind: str, seed: int) -> list[str]:
    """Return each finding, question and difference of the sheets that are made of a generated site."""
    generated(kind, seed).write(folder / "config")
    rightly = (*SAID_OF_ANY_SITE, *RIGHTLY_SAID.get(kind, {}))
    remarks = _remarks(folder / "config", folder / "sheets")
    return [remark for remark in remarks if not remark.startswith(rightly)]


def _remarks(config: Path, sheets: Path) -> Iterator[str]:
    sheets.mkdir()
    for path, content in make_sheets(config, out=sheets).files.items():
        path.write_bytes(content)
    reading = read_folder(sheets)
    read = read_entities(reading.tables)
    specification = Specification(entities=read.entities, captions=read.captions)
    grouping = group_entities(specification)
    for finding in (*reading.findings, *read.findings, *grouping.findings):
        yield f"finding {finding.code}: {finding.place}: {finding.message}"
    for _, question in all_open_questions(grouping.groups, specification):
        yield f"question {question.kind}: {question.question} {question.assumption}"
    site = site_entities(read_configuration(config))
    for entity in specification.entities:
        yield from _options_read_otherwise(entity, site)
    for row in compared(specification, read_configuration(config)).rows:
        if row.verdict is not Verdict.MET:
            differing = [c.column for c in row.cells if c.verdict is not Verdict.MET]
            yield f"{row.verdict} {row.key}: {', '.join(differing)} {row.reason}"


def _options_read_otherwise(entity: Entity, site: Site) -> Iterator[str]:
    """Yield a list whose note is read as other options than it is made of."""
    for made in site.by_key.get(entity.key, ()):
        allowed = made.cells.get("Allowed values")
        if allowed is not None and allowed.values:
            options = options_in(entity.cell("Settings/notes"))
            read = () if options is None else options.items
            if read != allowed.values:
                yield f"options {entity.key}: {read}, not {allowed.values}"


def _with_expectation(kind: str) -> ParameterSet:
    marks = []
    if kind in EXPECTED_FAILURES:
        reason = f"issue 101, point {EXPECTED_FAILURES[kind]}"
        marks = [pytest.mark.xfail(reason=reason, strict=True, raises=AssertionError)]
    return pytest.param(kind, marks=marks)


@pytest.mark.parametrize("kind", [*map(_with_expectation, KINDS)])
def test_sheets_of_a_generated_site_are_read_whole_ask_nothing_it_answers_and_are_met(
    tmp_path: Path, kind: str
) -> None:
    for seed in range(SEEDS_A_KIND):
        assert judged(tmp_path / str(seed), kind, seed) == []


@each(("case", "mended"), MENDED_CASES.items())
def test_cases_of_real_sites_that_are_mended_stay_so(
    tmp_path: Path, case: str, mended: tuple[str, ...]
) -> None:
    config = CHECKOUT.parent / "shared" / "cases6_sites" / case / "config"
    if not config.exists():
        pytest.skip("../shared/cases6_sites is not there")

    remarks = _remarks(config, tmp_path / case)

    assert [remark for remark in remarks if remark.startswith(mended)] == []


def test_every_expectation_is_of_a_kind() -> None:
    assert {*EXPECTED_FAILURES, *RIGHTLY_SAID} <= KINDS.keys()


def test_a_seed_generates_the_same_export() -> None:
    for kind in KINDS:
        assert generated(kind, 3).objects == generated(kind, 3).objects
