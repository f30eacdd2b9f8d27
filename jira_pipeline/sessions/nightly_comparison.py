"""Comparing what many sessions exported with what Jira holds.

Belongs here: which sessions, and when one stops all. Does not: comparing one (`export/exporting`).
"""

from collections.abc import Collection, Iterator

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.export.exporting import compare_with_jira
from jira_pipeline.model.errors import PipelineError, UpstreamError
from jira_pipeline.model.exports import FiledComparison
from jira_pipeline.model.sessions import SessionStatus
from jira_pipeline.review.open_session import OpenSession, open_session


def compare_all(
    pipeline: Pipeline, session_keys: Collection[str] = (), *, run_id: str
) -> Iterator[tuple[str, FiledComparison | PipelineError]]:
    """Compare sessions one after the other: those named, or all that are at rest and have a target.

    One that cannot be compared stops no other; a site that cannot be asked does: each would hear
    the same.
    """
    wanted = session_keys or [
        stored.session_key
        for stored in pipeline.store.sessions.list_all()
        if stored.status is not SessionStatus.RUNNING
        and OpenSession(pipeline=pipeline, stored=stored).target is not None
    ]
    for key in wanted:
        try:
            found = compare_with_jira(open_session(pipeline, key), run_id=run_id)
        except PipelineError as error:
            yield key, error
            if isinstance(error, UpstreamError):
                return
        else:
            yield key, found
