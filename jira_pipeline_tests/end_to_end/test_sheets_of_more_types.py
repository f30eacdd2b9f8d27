"""Sheets of a site that have types of bundles which earlier ones had not, over a session in Jira."""

from pathlib import Path
from random import Random

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.export import exporting
from jira_pipeline.export.creation import create_issues
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline.model.tickets import GenerationOutcome
from jira_pipeline.review import approvals
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions import upload as uploading
from jira_pipeline.sheets.site_sheets import make_sheets
from jira_pipeline.writing import generation
from jira_pipeline_tests import projects
from jira_pipeline_tests.drupal.site.generated_exports import Export
from jira_pipeline_tests.sheets.made_specifications import bundle, field, put_into

KEY = projects.SESSION
BOAT = "Boat (Content type)"


def _write_site(folder: Path, *, has_more_types: bool) -> None:
    export = Export(random=Random("types"))  # noqa: S311 - a seed
    terms = export.bundle("taxonomy_term", "Rigging")
    export.field(terms, "string", entity_type="taxonomy_term", widget="string_textfield")
    export.bundle("paragraph", "Rope")
    if has_more_types:
        export.displays("user", "user")
        export.field("user", "string", entity_type="user", widget="string_textfield")
        export.bundle("comment", "Remark")
        export.displays("cargo", "hull")
        export.field("hull", "string", entity_type="cargo", widget="string_textfield")
    export.write(folder)


def _made_sheets(config: Path, sheets: Path) -> Path:
    sheets.mkdir()
    for path, content in make_sheets(config, out=sheets).files.items():
        path.write_bytes(content)
    return sheets


def _generated(pipeline: Pipeline, sheets: Path) -> GenerationOutcome:
    uploading.upload(
        pipeline, sheets, session_key=KEY, auto_approve=True, replaces_all=True, actor="ab"
    )
    return generation.generate(open_session(pipeline, KEY), run_id=None)


def _exported(pipeline: Pipeline) -> dict[str, str | None]:
    """Export what is ready; return the issues by the groups of their tickets."""
    approvals.validate(open_session(pipeline, KEY), run_id=None)
    exporting.approve(open_session(pipeline, KEY))
    with exporting.opened_export(open_session(pipeline, KEY), run_id=None) as (tools, order):
        create_issues(tools, order)
    projects.show_run(pipeline, SessionStatus.COMPLETED)
    session = open_session(pipeline, KEY)
    tickets = pipeline.store.tickets.list_all(KEY)
    return {t.group_key: session.places[t.ticket_id].jira_key for t in tickets}


def test_tickets_of_before_keep_key_and_issue_when_sheets_have_more_types(
    project: Path, tmp_path: Path
) -> None:
    """A key that changed would make a second issue, and propose to withdraw the first."""
    _write_site(tmp_path / "before", has_more_types=False)
    _write_site(tmp_path / "after", has_more_types=True)
    with projects.opened(project) as pipeline:
        _generated(pipeline, _made_sheets(tmp_path / "before", tmp_path / "sheets"))
        before = _exported(pipeline)

        outcome = _generated(pipeline, _made_sheets(tmp_path / "after", tmp_path / "more_sheets"))
        after = _exported(pipeline)

    assert (outcome.created, outcome.withdrawals_proposed) == (3, 0)
    assert {*before} == {
        "bundle:Content type/bundle_1",
        "bundle:Vocabulary/bundle_3",
        "bundles_without_fields:Paragraph type",
    }
    assert None not in {*after.values()}
    assert before.items() <= after.items()
    assert {*after} - {*before} == {
        "bundle:User account/user",
        "bundles_without_fields:unknown type",
        "bundle:Other (cargo)/hull",
    }


def test_types_that_were_unknown_keep_the_ticket_that_they_share(
    project: Path, tmp_path: Path
) -> None:
    """Bundles without fields that people wrote left their ticket once their type was read."""
    words = {"before": ("Sort of remark", "Storage"), "after": ("Comment type", "Other (cargo)")}
    for name, (first, second) in words.items():
        bundles = [
            bundle("Remark", "remark", first),
            bundle("Hold", "hold", second),
            bundle("Boat", "boat"),
        ]
        put_into(tmp_path / name, {"bundles": bundles, "fields": [field(BOAT, "field_mast")]})
    with projects.opened(project) as pipeline:
        _generated(pipeline, tmp_path / "before")
        before = _exported(pipeline)

        outcome = _generated(pipeline, tmp_path / "after")
        after = _exported(pipeline)

    assert (outcome.created, outcome.withdrawals_proposed) == (0, 0)
    assert "bundles_without_fields:unknown type" in before
    assert before == after
    assert None not in {*after.values()}
