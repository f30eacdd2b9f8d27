"""Stores on SQLite that cannot be written for a while."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from jira_pipeline.context.pipeline import Pipeline


@contextmanager
def full_disk(pipeline: Pipeline) -> Iterator[None]:
    """Let the store grow no further, as long as the block runs."""
    with _obeying(pipeline, "max_page_count=1"):
        yield


@contextmanager
def only_read(pipeline: Pipeline) -> Iterator[None]:
    """Let the store be read only, as long as the block runs."""
    with _obeying(pipeline, "query_only=ON"):
        yield


@contextmanager
def _obeying(pipeline: Pipeline, pragma: str) -> Iterator[None]:
    engine = pipeline.store.database.engine

    def set_on(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", set_on)
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "connect", set_on)
        engine.dispose()
