"""What the export tells an issue tracker, and the answers it gets.

Belongs here: the values. Does not: the calls (`jira/client`), what to do with an answer (`export`).

Reads raise an `UpstreamError`. Writes that must not be repeated blindly return one of three values:
`Created` (it was done), `NothingDone`, or `Unknown` (it may have been done).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from jira_pipeline.model.errors import RateLimitedError, UpstreamError

JsonObject = Mapping[str, object]
RemoteId = Annotated[str, Field(pattern=r"^[0-9]+$")]
NumericId = Annotated[str, Field(coerce_numbers_to_str=True, pattern=r"^[0-9]+$")]
"""Where Jira answers with a number."""

GATEWAY_HOST = "api.atlassian.com"
"""Where an API token with scopes is taken, for every site."""

TOKEN_SCOPES: Mapping[str, str] = {
    "read:jira-work": "projects, issues, links",
    "write:jira-work": "issues, links and files",
    "read:jira-user": "our account and assignees",
    "read:project:jira": "boards",
    "read:board-scope:jira-software": "boards",
    "read:sprint:jira-software": "sprints",
    "write:sprint:jira-software": "moving issues into sprints",
}
"""What an API token with scopes has to allow, and for what; the last four for sprints only.

Source: `security` of each operation in Atlassian's documents (platform v3, December 2025; agile
1.0, 2025).
"""
EPIC_LEVEL = 1
"""The level of types right above ordinary issues, whatever they are called."""
SPRINT_FIELD = "Sprint"
"""What the field is called here, whatever a site names or numbers it."""
STATUS_FIELDS = ("status", "assignee", "resolution")
"""Of an issue: who works on it; the sprint beside it costs a request, to learn its name on a site."""
PROGRESS_FIELDS = (*STATUS_FIELDS, SPRINT_FIELD)
"""Of an issue: what is read for its progress."""
ISSUE_KEY = r"^[A-Z][A-Z0-9_]+-[1-9][0-9]*$"
"""What a key of an issue looks like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    site_id: str
    """What stays the same for this site: its cloud id, else the base URL it states of itself."""
    base_url: str
    """Where people browse, without a slash at the end."""
    api_url: str = ""
    """Where requests go: the gateway's address for an API token with scopes."""

    @property
    def is_behind_gateway(self) -> bool:
        """Requests do not go to the site's own address."""
        return self.api_url.startswith(f"https://{GATEWAY_HOST}/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    account_id: str
    display_name: str
    email: str | None = None
    """Absent where the user hides it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    project_id: str
    key: str
    name: str
    is_team_managed: bool = False
    """By its team, with issue types and fields of its own, instead of by administrators."""
    is_archived: bool = False
    """It can be read, and nothing can be created or changed in it."""
    is_deleted: bool = False
    """It is in the trash of its site, as an archived one but for its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueType:
    issue_type_id: str
    name: str
    """In the language of our account."""
    is_subtask: bool = False
    untranslated_name: str | None = None
    """As Jira ships it; None where Jira does not say."""
    hierarchy_level: int | None = None
    """0 is the level of ordinary issues, 1 that of epics; None where Jira does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOption:
    """One value a field takes, such as a priority."""

    option_id: str = ""
    name: str = ""
    untranslated_name: str | None = None
    """As Jira ships it; None where Jira does not say."""
    children: tuple["FieldOption", ...] = ()
    """Of a cascading select: what may be chosen in the second list once this is in the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateField:
    field_id: str
    name: str
    is_required: bool
    has_default: bool
    options: tuple[FieldOption, ...] | None = None
    """The values it takes; None where Jira lists none."""
    kind: str = ""
    """What createmeta's schema calls its type: `string`, `number`, `option`, `array` …"""
    item_kind: str = ""
    """Of an `array`: the type of each."""
    custom_type: str = ""
    """Of a custom field, such as `…customfieldtypes:textarea`."""
    is_settable: bool = True
    """A creation may give it a value, as far as createmeta says; links are only added later."""

    @property
    def schema(self) -> str:
        """Its type as createmeta says it: `array of user`, `team, com.atlassian…:atlassian-team`."""
        kind = f"array of {self.item_kind}" if self.kind == "array" else self.kind or "(none)"
        return f"{kind}, {self.custom_type}" if self.custom_type else kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    board_id: NumericId
    name: str = ""
    board_type: str = ""
    """`scrum`, `kanban` or `simple`; only a scrum board is sure to have sprints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sprint:
    """One sprint that is active or planned."""

    sprint_id: NumericId
    name: str
    state: str
    """`active` or `future`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkType:
    link_type_id: str
    name: str
    inward: str = ""
    """What the outward issue says of the inward one: `is blocked by`."""
    outward: str = ""
    """What the inward issue says of the outward one: `blocks`."""


class LinkEnd(StrEnum):
    """Which end of a link an issue is: the inward issue of Blocks is the blocker."""

    INWARD = "inward"
    OUTWARD = "outward"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLink:
    """One link as read from one of its issues: it shows the other end only."""

    link_type_id: str
    other_end: LinkEnd
    other_issue_id: str
    link_id: str = ""
    """What deletes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueAttachment:
    attachment_id: RemoteId
    file_name: str
    size_bytes: int
    author_id: str | None = None
    """Account that attached it; None where Jira does not say."""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRules:
    """How a site lets people attach files."""

    is_enabled: bool
    size_max_bytes: int | None = None
    """Of one file; None where the site does not say."""

    def refuses(self, size_bytes: int) -> bool:
        """Tell whether a file of this size is too large."""
        return self.size_max_bytes is not None and size_bytes > self.size_max_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadIssue:
    """What every reading of an issue has, whatever else it reads."""

    key: str
    properties: Mapping[str, object] = field(default_factory=dict)
    creator_id: str | None = None
    """Account that made it, which nobody can change; None where Jira does not say."""


class IssueStage(StrEnum):
    """How far an issue is, whatever its status is called: the key of the status's category."""

    TO_DO = "new"
    DOING = "indeterminate"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueProgress:
    """How far people are with an issue."""

    status: str
    """As people named it."""
    stage: IssueStage | None
    """None: its status is in no category of Jira's three."""
    assignee: str | None
    resolution: str | None
    sprint: str | None = None
    """The one that is under way, or the next; None: in none of them."""

    @property
    def is_begun(self) -> bool:
        """People work on it, or are done."""
        return self.stage in {IssueStage.DOING, IssueStage.DONE}

    @property
    def worked_on(self) -> str:
        """Status and person of an issue that people began with; empty: nobody did."""
        person = f" ({self.assignee})" if self.assignee else ""
        return f"{self.status}{person}" if self.is_begun else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundIssue(ReadIssue):
    """One issue as read; fields that were not asked for are empty."""

    issue_id: str
    summary: str = ""
    description: JsonObject | None = None
    labels: tuple[str, ...] = ()
    links: tuple[IssueLink, ...] = ()
    attachments: tuple[IssueAttachment, ...] = ()
    parent_key: str | None = None
    progress: IssueProgress | None = None
    hierarchy_level: int | None = None
    """Of its type: 1 is that of epics."""

    @property
    def number(self) -> int:
        return issue_number_of(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueChange:
    """One field of an issue that was changed after its creation."""

    author_id: str | None
    """Account id; None where Jira does not say, as for people who left."""
    field: str
    """As the changelog names it: `status`, `Link`, `Attachment`; what a site may rename under its
    first name: `Sprint`."""
    before: str = ""
    """What it was, in words of people; of a parent, the key."""
    after: str = ""
    """What it is since then, as a key or id; empty: nothing, or a text."""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTraces(ReadIssue):
    """Everything that shows who worked with an issue since it was created, as of one moment."""

    updated: str
    """When the issue was changed last, in Jira's words: the same before and after it was read."""
    comments: tuple["IssueComment", ...]
    worklog_count: int
    changes: tuple[IssueChange, ...]
    """One per changed field, oldest first as Jira lists them."""
    links: tuple[IssueLink, ...]
    subtask_ids: tuple[str, ...]
    attachments: tuple[IssueAttachment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChange:
    """One change of summary or description in the history of an issue."""

    change_id: str
    author_id: str | None
    """Account id; None where Jira does not say, as for people who left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueText(ReadIssue):
    """Summary and description of an issue as Jira gives them back, and who changed them."""

    updated: str
    """When the issue was changed last, in Jira's words."""
    summary: str
    description: JsonObject | None
    """The document; None: there is none."""
    changes: tuple[TextChange, ...]
    """All since the issue was created, oldest first."""
    progress: IssueProgress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueComment:
    comment_id: str
    document: JsonObject
    author_id: str | None = None
    """Account id; None where Jira does not say."""
    version: str = ""
    """Differs after each edit: made of its text, and of when and by whom it was changed last."""
    is_edited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkFetchAnswer:
    """Issues read by id or key; unknown ones are silently left out by Jira."""

    issues: tuple[FoundIssue, ...]
    failed: tuple[str, ...]
    """Ids or keys Jira could not read just now: absence proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """It was done: what was sent exists now, and what was deleted is gone."""

    remote_id: str
    """Of an issue or attachment; empty where Jira names nothing."""
    remote_key: str | None = None
    """Of an issue; of a comment, its version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingDone:
    """It certainly was not done: not sent, or refused."""

    error: UpstreamError
    field_errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """What was answered, for people."""
        return self.error.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """It may have been done or may still be done: look it up."""

    reason: str
    limit: RateLimitedError | None = None
    """How long a gateway asks to wait, where it is the one that answered: it lets nothing through
    before, or it has limited what Jira answered."""


WriteAnswer = Created | NothingDone | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDraft:
    """One issue to be created, with the properties that come into being with it."""

    fields: JsonObject
    properties: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAnswered:
    """Jira answered a bulk creation; drafts that it says nothing about are in doubt."""

    created: tuple[Created, ...]
    """In no order that says which is which: the markers do."""
    failed: Mapping[int, NothingDone | Unknown]
    """By position among the drafts, from 0."""


BulkAnswer = BulkAnswered | NothingDone | Unknown


def issue_number_of(key: str) -> int:
    """Return the number in an issue key: 12 of `ABC-12`."""
    return int(key.rpartition("-")[2])
