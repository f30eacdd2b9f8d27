"""Whether a session approves itself as it stands.

Belongs here: gathering what speaks against it. Does not: what may approve at all
(`stages/review/approval`), marking (`session_steps`).
"""

from jira_pipeline.domain.missing_sheets import missing_sheets
from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.sessions.composition import Pipeline
from jira_pipeline.sessions.session_results import is_undone
from jira_pipeline.stages.review.approval import may_approve_automatically


def approves_itself(pipeline: Pipeline, session: UploadSession) -> bool:
    """Tell whether the next run of a session approves it.

    Not behind an undo, and not where sheets that others need are missing: half a folder may have
    been copied, and its issues would be real.
    """
    return (
        may_approve_automatically(session, is_sandbox=pipeline.settings.is_sandbox)
        and not missing_in(pipeline, session)
        and not is_undone(pipeline, session)
    )


def missing_in(pipeline: Pipeline, session: UploadSession) -> tuple[str, ...]:
    """Name the sheets of a session that are missing although others need them."""
    sessions, key = pipeline.store.sessions, session.session_key
    return missing_sheets(sessions.files(key), sessions.findings(key))
