"""Homes with one small session, whose tickets have documents, on each dialect.

Belongs here: opening, uploading, writing and editing as people do. Does not: what is tested.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import load_settings
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions import upload
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.tickets.documents.kept_documents import rendering_of
from jira_pipeline.writing import generation
from jira_pipeline_tests.contracts.open_stores import sqlite_url
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field, put_into

KEY = "site"
BUNDLES = [bundle("Page", "page"), bundle("News", "news")]
FIELDS = [
    field("Page (Content type)", "field_a", ref="News (Content type)"),
    field("News (Content type)", "field_b"),
]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def home(request: pytest.FixtureRequest, initialised_path: Path, tmp_path: Path) -> Path:
    """A home that names its database, an empty store."""
    shutil.copy(initialised_path, tmp_path / "store.sqlite")
    is_postgres = request.param == "postgres"
    url = request.getfixturevalue("postgres_url") if is_postgres else sqlite_url(tmp_path)
    (tmp_path / "url").write_text(url, encoding="utf-8")
    return tmp_path


class opened:  # noqa: N801 - used like a function
    """Open a home as another process does; one with another limit makes documents of its own."""

    def __init__(self, home: Path, **settings: object) -> None:
        given = {
            "jira_pipeline_home": home,
            "jira_pipeline_database_url": (home / "url").read_text(encoding="utf-8"),
        }
        self.pipeline = open_pipeline(load_settings(home).model_copy(update=given | settings))

    def __enter__(self) -> Pipeline:
        return self.pipeline

    def __exit__(self, *_: object) -> None:
        self.pipeline.store.close()


def rendering(pipeline: Pipeline) -> str:
    """Name what documents are made of now."""
    most = pipeline.settings.adf_body_max_bytes
    return rendering_of(pipeline.store.sessions.get(KEY), body_max_bytes=most)


def uploaded(pipeline: Pipeline, bundles: list[Row], fields: list[Row]) -> None:
    """Upload the sheets of a site, in place of those before."""
    sheets = pipeline.settings.home_path / "sheets"
    shutil.rmtree(sheets, ignore_errors=True)
    put_into(sheets, {"bundles": bundles, "fields": fields})
    upload.upload(pipeline, sheets, session_key=KEY, auto_approve=False, actor="ab")
    upload.read_files(open_session(pipeline, KEY))


def written(pipeline: Pipeline, bundles: list[Row], fields: list[Row]) -> None:
    """Upload the sheets of a site and write its tickets."""
    uploaded(pipeline, bundles, fields)
    generation.generate(open_session(pipeline, KEY), run_id=None)


def edited(pipeline: Pipeline, ticket: Ticket, notes: str) -> None:
    pipeline.store.reviews.edit(
        KEY,
        ticket.ticket_id,
        expected_revision=ticket.revision.number,
        title=ticket.title,
        parts=replace(ticket.revision.parts, notes=f"<p>{notes}</p>"),
        by="ab",
        at=pipeline.clock.now(),
    )
