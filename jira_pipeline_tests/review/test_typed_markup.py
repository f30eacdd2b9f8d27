"""Markup in what people type is text, or refused: it is gone nowhere."""

from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.jira.adf import adf_to_text
from jira_pipeline.model.errors import InputError
from jira_pipeline.review.answers import answer
from jira_pipeline.review.decisions import request_changes, resolve, skip
from jira_pipeline.review.revisions import edit_text, retitle
from jira_pipeline_tests import projects
from jira_pipeline_tests.sheets.made_specifications import bundle, field, put_into

TYPED = "Only <!-- ask Ada --> <script>editors()</script> & <front>"


def test_what_is_typed_elsewhere_than_in_a_section_is_kept_as_text(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    sheets = {
        "bundles": [bundle("Boat", "boat")],
        "fields": [field("Boat (Content type)", "field_about", ref="Subjects (Vocabulary)")],
    }
    session = projects.written(pipeline, put_into(tmp_path / "sheets", sheets))
    place = next(question.place for question in session.questions if question.is_open)

    answer(session, [(place, TYPED)], by="ada")
    retitle(session.reload(), 1, TYPED, by="ada")
    request_changes(session.reload(), [1], reason=TYPED, by="ada")
    requested = session.reload().ticket(1).sent_back
    resolve(session.reload(), [1], answer=TYPED, by="ada")
    skip(session.reload(), [1], reason=TYPED, by="ada")

    now = session.reload()
    ticket = now.ticket(1)
    assert TYPED in adf_to_text(now.rendered[0].document)
    assert (ticket.title, requested, ticket.skipped_reason) == (TYPED, TYPED, TYPED)
    with pytest.raises(InputError, match=r"<!-- ask Ada -->.*line 1.*<script>editors"):
        edit_text(now, 1, "notes", TYPED, by="ada")
