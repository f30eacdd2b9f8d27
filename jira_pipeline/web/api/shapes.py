"""What every part of the API shares: bodies that are asked and answered, moments, sentences."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from jira_pipeline.web.labels import text_of

NUMBERS_MAX = 10_000
"""Tickets named in one request."""


def new_router(tag: str) -> APIRouter:
    """Make the router of a part of the API."""
    return APIRouter(prefix="/api", tags=[tag])


class Shape(BaseModel):
    """What is asked or answered, and nothing else; an answer is read from the value of its verb."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class OfSession(Shape):
    """An answer that names its session as the source documents do."""

    session_id: str = Field(validation_alias=AliasChoices("session_id", "session_key"))


Time = Annotated[
    str, BeforeValidator(lambda at: at.isoformat() if isinstance(at, datetime) else at)
]
"""A moment, as ISO 8601 has it."""
Sentences = Annotated[list[str], BeforeValidator(lambda actions: [*map(text_of, actions)])]
"""Actions as people read them."""
