"""A site described in a YAML file: its projects, people, boards and rules.

Belongs here: the shape of the file, reading it, bringing a sandbox in line with it. Does not: what
the rules mean (`site_rules`). Loading a file twice changes nothing the second time; nothing that is
on the site already is taken away, except that the rules are replaced.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from jira_pipeline.jira.sandbox.issue_fields import FIELDS
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import (
    ISSUE_TYPES,
    PERMISSIONS,
    PRIORITIES,
    PROJECT_KEY,
    add_board,
    add_sprint,
    create_project,
)
from jira_pipeline.jira.sandbox.site_rules import ProjectRules, Rules, SiteRules, write_rules
from jira_pipeline.model.errors import ConfigurationError, WrongUseError, system_message

MAX_SITE_FILE_BYTES = 1_000_000


class SiteUser(Rules):
    """Somebody with an account."""

    email: str = Field(pattern=r"^[^@\s:]+@[^@\s:]+$")
    name: str = Field(min_length=1)
    account_id: str | None = Field(default=None, min_length=1, max_length=128)
    """Made from the e-mail when absent."""


class SiteSprint(Rules):
    name: str = Field(min_length=1)
    state: Literal["future", "active", "closed"] = "future"
    goal: str = ""


class SiteBoard(Rules):
    name: str = Field(min_length=1)
    type: Literal["scrum", "kanban"] = "scrum"
    sprints: tuple[SiteSprint, ...] = ()

    @model_validator(mode="after")
    def _check_sprints(self) -> Self:
        if self.type == "kanban" and self.sprints:
            raise ValueError(f"the kanban board {self.name!r} has no sprints")
        return self


class SiteProject(ProjectRules):
    """A project: its rules, its name, its boards."""

    name: str | None = None
    boards: tuple[SiteBoard, ...] = ()
    """Beside the one every project has."""

    @field_validator("issue_types", "priorities")
    @classmethod
    def _check_names(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        known = {kind.name for kind in (*ISSUE_TYPES, *PRIORITIES)}
        return names if names is None else _all_known(names, known=known)

    @field_validator("withheld_permissions")
    @classmethod
    def _check_permissions(
        cls, withheld: Mapping[str, tuple[str, ...]]
    ) -> Mapping[str, tuple[str, ...]]:
        for names in withheld.values():
            _all_known(names, known=set(PERMISSIONS))
        return withheld


class SiteFile(SiteRules):
    users: tuple[SiteUser, ...] = ()
    projects: Mapping[str, SiteProject] = {}

    @model_validator(mode="after")
    def _check_references(self) -> Self:
        fields = {one.id for one in FIELDS if one.name} | {one.id for one in self.custom_fields}
        for key, project in self.projects.items():
            if not PROJECT_KEY.fullmatch(key):
                raise ValueError(f"{key!r} is no project key")
            for names in (
                project.required_fields,
                project.on_create_screen,
                project.off_create_screen,
                project.off_edit_screen,
            ):
                _all_known(names, known=fields)
            if project.default_security_level is not None:
                _all_known((project.default_security_level,), known=set(self.security_levels))
        return self

    def rules(self) -> SiteRules:
        """Return the rules alone, as a sandbox keeps them."""
        return SiteRules.model_validate(
            self.model_dump(exclude={"users": True, "projects": {"__all__": {"name", "boards"}}})
        )


def read_site_file(path: Path) -> SiteFile:
    try:
        with path.open("rb") as file:  # a device has no size of its own
            content = file.read(MAX_SITE_FILE_BYTES + 1)
        if len(content) > MAX_SITE_FILE_BYTES:
            raise _refused(f"{path} is larger than {MAX_SITE_FILE_BYTES} bytes.")
        value: object = yaml.safe_load(content.decode())
        return SiteFile.model_validate({} if value is None else value)
    except OSError as error:
        raise WrongUseError(
            f"{path} cannot be read: {system_message(error)}.",
            recovery_actions=("Name a YAML file that describes a site.",),
        ) from error
    except UnicodeDecodeError as error:
        raise _refused(f"{path} is not UTF-8: {error}.") from error
    except ValidationError as error:
        raise _refused(f"{path} describes no site: {_places(error)}.") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:  # such as a 32nd of May
        raise _refused(f"{path} is no YAML: {error}.") from error


def apply_site_file(sandbox: JiraSandbox, site: SiteFile) -> None:
    """Bring a sandbox in line with the file."""
    with sandbox.state.writing() as rows:
        for user in site.users:
            made_id = hashlib.sha256(user.email.encode()).hexdigest()[:24]
            rows.execute(
                "INSERT INTO user (account_id, display_name, email, position)"
                " SELECT ?, ?, ?, (SELECT 1 + max(position) FROM user)"
                " WHERE NOT EXISTS (SELECT 1 FROM user WHERE email = ?)"
                " ON CONFLICT (account_id) DO UPDATE"
                " SET display_name = excluded.display_name, email = excluded.email",
                (user.account_id or made_id, user.name, user.email, user.email),
            )
        for key, project in site.projects.items():
            project_id = create_project(rows, key=key, name=project.name)
            for board in project.boards:
                board_row = rows.first(
                    "SELECT id FROM board WHERE project_id = ? AND name = ?", project_id, board.name
                )
                if board_row is not None:
                    continue
                number = add_board(rows, project_id=project_id, name=board.name, kind=board.type)
                for one in board.sprints:
                    add_sprint(rows, board_id=number, name=one.name, state=one.state, goal=one.goal)
        write_rules(rows, site.rules())


def _refused(message: str) -> ConfigurationError:
    return ConfigurationError(
        message,
        recovery_actions=(
            "Correct the file; “Use the sandbox as a Jira” in docs/operations.md shows one.",
        ),
    )


def _places(error: ValidationError) -> str:
    """Say where each fault is: `projects.WEB.boards.0.type: …`."""
    return "; ".join(
        f"{'.'.join(str(part) for part in one['loc']) or 'the file'}: {one['msg']}"
        for one in error.errors()
    )


def _all_known(names: tuple[str, ...], *, known: set[str]) -> tuple[str, ...]:
    for name in names:
        if name not in known:
            raise ValueError(f"{name!r} is not one of {', '.join(sorted(known))}")
    return names
