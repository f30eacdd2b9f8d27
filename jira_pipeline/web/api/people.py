"""People: who may come in, as what, and to which sessions.

Does not: links and tokens, which are secrets and shown once (`pages/people`): what a request was
answered may be kept for a day (`idempotency`).
"""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, Field

from jira_pipeline.errors import WrongUseError
from jira_pipeline.flow import people
from jira_pipeline.kernel.people import (
    ALL_SESSIONS,
    NAME_CHARACTERS_MAX,
    Membership,
    Role,
)
from jira_pipeline.web.access import Admin
from jira_pipeline.web.api.paging import Paged
from jira_pipeline.web.api.shapes import NUMBERS_MAX, Shape, like, new_router
from jira_pipeline.web.context import TheWeb

router = new_router("people", prefix="/api/people")
Name = Annotated[
    str, Path(min_length=1, max_length=NAME_CHARACTERS_MAX, examples=["owner@example.org"])
]
SessionKey = Annotated[str, Field(max_length=64)]


class PersonShown(Shape):
    """Somebody who was added."""

    name: str
    role: Role
    session_keys: Annotated[list[str] | None, BeforeValidator(people.session_keys_json)] = Field(
        validation_alias="membership", description="Null: all sessions."
    )
    is_revoked: bool


class WantedPerson(BaseModel):
    """What somebody may do, and where."""

    model_config = like({"role": "client", "session_keys": ["my_site"]})

    role: Role
    session_keys: list[SessionKey] | None = Field(
        default=None,
        max_length=NUMBERS_MAX,
        description="The only sessions they belong to; without it as before, who is new to all.",
    )
    all_sessions: bool = Field(default=False, description="They belong to all sessions.")


@router.get("")
def list_people(_person: Admin, web: TheWeb, paging: Paged) -> list[PersonShown]:
    """List who was added, revoked people too."""
    known = [one.person for one in people.list_people(web.pipeline)]
    shown = paging.page_of(known, key_of=lambda one: one.name)
    return [*map(PersonShown.model_validate, shown)]


@router.put("/{name}")
def put_person(person: Admin, web: TheWeb, name: Name, wanted: WantedPerson) -> PersonShown:
    """Let somebody in, or give who is there another role or other sessions; it makes no link."""
    if wanted.all_sessions and wanted.session_keys is not None:
        raise WrongUseError(
            "All sessions and named ones are wanted.",
            recovery_actions=("Send `session_keys`, or `all_sessions`.",),
        )
    named = None if wanted.session_keys is None else Membership(frozenset(wanted.session_keys))
    membership = ALL_SESSIONS if wanted.all_sessions else named
    return PersonShown.model_validate(
        people.add_person(web.pipeline, name, wanted.role, membership=membership, by=person.name)
    )


@router.delete("/{name}")
def revoke_person(person: Admin, web: TheWeb, name: Name) -> PersonShown:
    """Take all access from somebody at once: browsers, links and tokens."""
    return PersonShown.model_validate(people.revoke(web.pipeline, name, by=person.name))
