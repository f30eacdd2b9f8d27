"""The list of sessions."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from jira_pipeline.sessions.listing import listed_json, listed_sessions
from jira_pipeline.web.access import Reader
from jira_pipeline.web.context import TheWeb

router = APIRouter(prefix="/api/sessions", tags=["sessions"])


class SessionInList(BaseModel):
    """A session as lists show it; the fields of `jira-pipeline sessions --json`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "session_key": "uhrenmuseum",
                    "site_name": "Uhrenmuseum",
                    "stage": "review",
                    "status": "waiting",
                    "updated_at": "2026-11-21 05:30",
                    "stale": [],
                    "needs_person": True,
                    "needs": "review",
                }
            ]
        }
    )

    session_key: str
    site_name: str
    stage: str
    status: str
    updated_at: str
    stale: list[str]
    needs_person: bool
    needs: str


@router.get("")
def list_sessions(web: TheWeb, _person: Reader) -> list[SessionInList]:
    """List all sessions, newest first, with what each needs."""
    return [SessionInList.model_validate(listed_json(one)) for one in listed_sessions(web.pipeline)]
