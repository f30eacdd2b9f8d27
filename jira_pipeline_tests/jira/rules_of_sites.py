"""What an administrator of a site decides: screens, permissions, priorities, names, lag, tokens.

Belongs here: the rules as values, kept in the file of the sandbox, so that every process of a test
that opens it follows the same. Does not: obeying them (`sandbox_faults/ruled_calls`). The product's
own sandbox is a site as it is from the start.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveInt

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox.sandbox_site import UPLOAD_LIMIT_BYTES
from jira_pipeline.jira.sandbox_http import Rows
from jira_pipeline.model.issue_tracker import TOKEN_SCOPES

EVERYBODY = "*"


class Rules(BaseModel):
    """Values from outside: nothing unknown, nothing changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CustomField(Rules):
    """A field an administrator added."""

    id: str = Field(pattern=r"^customfield_\d{5,9}$")
    name: str = Field(min_length=1)
    kind: Literal["text", "option", "cascade", "team", "any"] = "text"
    """`any` is a field of an app, whose form only its own documents tell."""
    options: tuple[str, ...] = ()
    children: Mapping[str, tuple[str, ...]] = {}
    """Of a cascade: the second list by the option of the first."""


class ProjectRules(Rules):
    """What an administrator decided for one project."""

    issue_types: tuple[str, ...] | None = None
    """Names; None is all of the site's."""
    priorities: tuple[str, ...] | None = None
    """Names; None is all of the site's."""
    required_fields: tuple[str, ...] = ()
    """Ids of fields without which nothing is created here."""
    on_create_screen: tuple[str, ...] = ()
    """Ids of fields that are not there by default, such as the sprint or custom fields."""
    off_create_screen: tuple[str, ...] = ()
    withheld_permissions: Mapping[str, tuple[str, ...]] = {}
    """Permission keys by e-mail; `*` is everybody. What is not withheld is granted."""
    is_archived: bool = False
    is_deleted: bool = False
    """It is in the trash, and can be read as long as it is."""
    is_team_managed: bool = False
    """It has issue types of its own, and no priorities on its create screen."""


class AttachmentRules(Rules):
    """How files may be attached, as the site says: whoever asks it sends nothing else."""

    is_enabled: bool = True
    size_limit_bytes: PositiveInt = UPLOAD_LIMIT_BYTES


class SiteRules(Rules):
    """Everything that may differ from one site to another."""

    index_lag_seconds: NonNegativeFloat = 0.0
    """How long a new issue stays out of searches."""
    is_linking_on: bool = True
    is_time_tracking_on: bool = True
    attachments: AttachmentRules = AttachmentRules()
    custom_fields: tuple[CustomField, ...] = ()
    projects: Mapping[str, ProjectRules] = {}
    are_projects_team_managed: bool = False
    """All of them, whatever their own rules say."""
    names: Mapping[str, str] = {}
    """What the site calls issue types, priorities, link types with their words, and fields, by
    their English names."""
    tells_untranslated_names: bool = True
    """Issue types come with their English names too."""
    off_every_create_screen: tuple[str, ...] = ()
    ignored_fields: tuple[str, ...] = ()
    """Ids of fields that are taken without a word and never stored."""
    refused_fields: Mapping[str, str] = {}
    """Ids of fields that are refused although createmeta names them, and Jira's words for it."""
    drops_properties: bool = False
    """Properties are taken without a word and never stored."""
    hides_new_issues: bool = False
    """New issues get a security level nobody has."""
    known_tokens: tuple[str, ...] | None = None
    """API tokens that are taken; None takes any."""
    scoped_tokens_of: tuple[str, ...] = ()
    """E-mails whose API tokens have scopes; `*` is everybody. The gateway alone takes them."""
    token_scopes: tuple[str, ...] = tuple(TOKEN_SCOPES)
    """What those tokens allow."""

    def project(self, key: str) -> ProjectRules:
        return self.projects.get(key, ProjectRules())

    def is_team_managed(self, key: str) -> bool:
        return self.are_projects_team_managed or self.project(key).is_team_managed

    def name_of(self, english: str) -> str:
        """Return what the site calls something."""
        return self.names.get(english, english)


RulesKind = TypeVar("RulesKind", bound=SiteRules)


def read_rules(rows: Rows, kind: type[RulesKind]) -> RulesKind:
    """Return the rules kept in the file; a site without any has the default ones.

    What they do not know of rules of another kind is left out.
    """
    kept = rows.first("SELECT document FROM site_rules")
    return cast(RulesKind, _parse("{}" if kept is None else kept["document"], kind))


@lru_cache(maxsize=64)
def _parse(document: str, kind: type[SiteRules]) -> SiteRules:
    known = {n: v for n, v in json.loads(document).items() if n in kind.model_fields}
    return kind.model_validate(known)


def rules_of(sandbox: JiraSandbox) -> SiteRules:
    with sandbox.state.reading() as rows:
        return read_rules(rows, SiteRules)


def give_rules(sandbox: JiraSandbox, rules: SiteRules) -> None:
    """Give the site other rules; they stay with the file."""
    with sandbox.state.writing() as rows:
        write_rules(rows, rules)


def write_rules(rows: Rows, rules: SiteRules) -> None:
    """Keep the rules in the file, in place of those before."""
    rows.execute("DELETE FROM site_rules")
    rows.execute("INSERT INTO site_rules (document) VALUES (?)", (rules.model_dump_json(),))
