"""The shapes of good answers; what is unknown in them is ignored.

Belongs here: pydantic models of bodies. Does not: what another answer means (`exchange`).
"""

from typing import Any, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


BodyOf = TypeVar("BodyOf", bound=BaseModel)


class TokenBody(_Body):
    """What the identity server gives."""

    access_token: str = Field(min_length=1)
    expires_in: float = Field(default=3600.0, gt=0)


class CreatedBody(_Body):
    """The id of a job, under whichever name."""

    job_id: str | int = Field(validation_alias=AliasChoices("exportJobId", "jobId", "id"))

    @field_validator("job_id")
    @classmethod
    def _not_empty(cls, value: str | int) -> str | int:
        """Refuse an id that names nothing."""
        if not str(value).strip():
            raise ValueError("empty")
        return value


class StepBody(_Body):
    """One step of a job."""

    description: str | None = None


class ProgressBody(_Body):
    """How far a job is."""

    state: str | None = None
    percentage: float | None = None
    current: list[StepBody | str] | None = None
    complete: bool | None = None
    package_available: bool | None = Field(default=None, alias="packageAvailable")
    error: Any = None
    error_message: str | None = Field(default=None, alias="errorMessage")
    message: str | None = None

    @property
    def is_empty(self) -> bool:
        """It says nothing of a job."""
        return self.state is None and self.complete is None and self.percentage is None

    @property
    def step(self) -> str:
        """What is done now."""
        names = [one if isinstance(one, str) else one.description for one in self.current or ()]
        return next((name for name in names if name), self.message or "")

    @property
    def error_text(self) -> str:
        """What went wrong, in its words."""
        error = self.error
        if isinstance(error, dict):
            error = error.get("message")
        return self.error_message or (error if isinstance(error, str) else "") or ""


class DependencyBody(_Body):
    """One thing that another one needs."""

    system_name: str | None = Field(
        default=None, validation_alias=AliasChoices("systemName", "SystemName")
    )
    selector: dict[str, Any] | None = Field(
        default=None, validation_alias=AliasChoices("selector", "Selector")
    )

    @property
    def item_name(self) -> str | None:
        """The name of the thing; the system name beside it is that of its provider."""
        found = self.selector or {}
        name = found.get("systemName") or found.get("SystemName")
        return name if isinstance(name, str) and name else None


class DependencyListsBody(_Body):
    """What is needed and what is recommended."""

    mandatory: list[DependencyBody] = Field(default_factory=list)
    recommended: list[DependencyBody] = Field(default_factory=list)


class DependenciesBody(_Body):
    """The answer about dependencies."""

    dependencies: DependencyListsBody


class FoundBody(_Body):
    """Jobs of one name."""

    items: list[CreatedBody]


class AccountBody(_Body):
    """Whom ShareDo takes us for."""

    name: str = Field(
        default="",
        validation_alias=AliasChoices("displayName", "fullName", "userName", "username", "name"),
    )


class ErrorBody(_Body):
    """`{error: {code, message, details}}` as documented, or `{errorMessage}` as the service says it."""

    error: Any = None
    error_message: Any = Field(default=None, alias="errorMessage")
    message: Any = None
    error_description: Any = None

    @property
    def code(self) -> str:
        """What kind of error it is, as documented; empty where it does not say."""
        code = self.error.get("code") if isinstance(self.error, dict) else None
        return code if isinstance(code, str) else ""

    @property
    def text(self) -> str:
        """What it says."""
        error = self.error.get("message") if isinstance(self.error, dict) else self.error
        parts = (self.error_description, error, self.error_message, self.message)
        return next((part for part in parts if isinstance(part, str) and part), "")


def parsed(content: bytes, model: type[BodyOf]) -> BodyOf | None:
    """Parse an answer; None where it is torn or of another shape."""
    try:
        return model.model_validate_json(content)
    except ValidationError:
        return None
