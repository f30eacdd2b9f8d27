"""The shape of Jira's good answers, parsed once at the door.

Belongs here: what Jira calls the fields of the values of `model/issue_tracker`, which are read as they
are; one model per body that is more than such values, with the fields and properties of the value that
it becomes. Does not: answers that say no (`answers`). Fields we do not use are ignored.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import (
    AliasChoices,
    AliasGenerator,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel
from typing_extensions import override

from jira_pipeline.model.issue_tracker import (
    FieldOption,
    FoundIssue,
    IssueAttachment,
    IssueLink,
    IssueProgress,
    IssueStage,
    IssueText,
    LinkEnd,
    LinkType,
    RemoteId,
    Sprint,
    TextChange,
)
from jira_pipeline.model.tickets import canonical_hash

Item = TypeVar("Item")
IssueKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*-[1-9][0-9]*$")]
TEXT_FIELDS = frozenset({"summary", "description"})
"""Ids of the fields whose history is read."""
_CALLED: Mapping[str, str | AliasPath | AliasChoices] = {
    **dict.fromkeys(("option_id", "board_id", "sprint_id", "link_type_id", "attachment_id"), "id"),
    "name": AliasChoices("name", "value"),
    "board_type": "type",
    "is_enabled": "enabled",
    "size_max_bytes": "uploadLimit",
    "file_name": "filename",
    "size_bytes": "size",
    "created_at": "created",
    "author_id": AliasPath("author", "accountId"),
    "values": AliasChoices("values", "issues", "fields", "comments", "worklogs"),
}
"""What Jira calls fields of ours otherwise than in camelCase; an option of a custom field has a value
for a name, and each list has a name of its own for what is on its pages."""
_AS_CALLED = ConfigDict(
    alias_generator=AliasGenerator(
        validation_alias=lambda name: _CALLED[name] if name in _CALLED else to_camel(name)
    )
)
SHOWN_WHOLE_MAX = 40
"""An issue may show its newest changes only: of fewer than so many it leaves none out.
Source: Atlassian, "Bulk fetch issues", platform v3, December 2025, of the same expansion."""


class _Value(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


Value = TypeVar("Value", bound=_Value)


class JiraBody(BaseModel):
    """One body, or a part of one."""

    model_config = _AS_CALLED

    def to(self, kind: type[Value]) -> Value:
        """Return the value whose fields are fields or properties of this body."""
        return kind(**{name: getattr(self, name) for name in kind.__dataclass_fields__})


class Answered(RootModel[Item], Generic[Item]):
    """A body that is one value, or a list of some."""

    model_config = _AS_CALLED


def _below(*path: str) -> Any:
    """Declare a field that is deeper in the answer; None where nothing is there."""
    return Field(default=None, validation_alias=AliasPath(*path))


class LastPageBody(JiraBody, Generic[Item]):
    """One page of a list that says which page is its last."""

    values: list[Item]
    is_last: bool = False

    def next_page(self, read_count: int) -> Mapping[str, str | int] | None:
        """Return what asks for the next page, given how many items were read; None: it is the last."""
        return None if self.is_last or not self.values else {"startAt": read_count}


class CountedPageBody(JiraBody, Generic[Item]):
    values: list[Item]
    total: int

    def next_page(self, read_count: int) -> Mapping[str, str | int] | None:
        """As `LastPageBody.next_page`."""
        return {"startAt": read_count} if self.values and read_count < self.total else None


class SiteBody(JiraBody):
    """Answer of /serverInfo."""

    base_url: str = Field(min_length=1)


class DeploymentBody(JiraBody):
    """Answer of /serverInfo of the API that Data Center has, too."""

    deployment_type: str


class TenantBody(JiraBody):
    """Answer of /_edge/tenant_info."""

    cloud_id: str = Field(min_length=1)


class AccountBody(JiraBody):
    """A user as /myself and the user search answer."""

    account_id: str
    display_name: str = ""
    email_address: str | None = None

    @property
    def email(self) -> str | None:
        """None where the user hides it."""
        return self.email_address or None


class ProjectBody(JiraBody):
    """Answer of /project/{key}."""

    project_id: RemoteId = Field(alias="id")
    key: str
    name: str
    style: str = ""
    simplified: bool = False
    is_archived: bool = Field(default=False, alias="archived")
    is_deleted: bool = Field(default=False, alias="deleted")

    @property
    def is_team_managed(self) -> bool:
        """Either word for it."""
        return self.simplified or self.style == "next-gen"


class PermissionBody(JiraBody):
    """One permission in the answer of /mypermissions."""

    have_permission: bool


class PermissionsBody(JiraBody):
    """Answer of /mypermissions."""

    permissions: dict[str, PermissionBody]


class IssueTypeBody(JiraBody):
    issue_type_id: str = Field(alias="id")
    name: str
    untranslated_name: str | None = None
    subtask: bool = False
    hierarchy_level: int | None = None

    @property
    def is_subtask(self) -> bool:
        """Either word for it."""
        return self.subtask or (self.hierarchy_level is not None and self.hierarchy_level < 0)


class IssueTypesBody(JiraBody):
    """One page of the issue types of createmeta."""

    issue_types: list[IssueTypeBody]


class CreateFieldBody(JiraBody):
    field_id: str
    name: str = ""
    is_required: bool = Field(default=False, alias="required")
    has_default: bool = Field(default=False, alias="hasDefaultValue")
    options: tuple[FieldOption, ...] | None = Field(default=None, alias="allowedValues")
    kind: str = Field(default="", validation_alias=AliasPath("schema", "type"))
    item_kind: str = Field(default="", validation_alias=AliasPath("schema", "items"))
    custom_type: str = Field(default="", validation_alias=AliasPath("schema", "custom"))
    is_settable: bool = Field(default=True, alias="operations")

    @field_validator("is_settable", mode="before")
    @classmethod
    def _lists_set(cls, operations: object) -> bool:
        """Tell whether a creation may give it a value; links and comments are only added."""
        return not isinstance(operations, list) or "set" in operations

    @field_validator("options", mode="before")
    @classmethod
    def _only_options(cls, values: object) -> object:
        """Leave out values that are no options of a field."""
        if isinstance(values, list):
            return [value for value in values if isinstance(value, dict)]
        return values


class CreateFieldsBody(CountedPageBody[CreateFieldBody]):
    """One page of the fields of createmeta; one that counts nothing is the only one."""

    total: int = 0


class ConfigurationBody(JiraBody):
    """Answer of /configuration, of which we need one switch."""

    is_time_tracked: bool = Field(alias="timeTrackingEnabled")


class LinkTypesBody(JiraBody):
    """Answer of /issueLinkType."""

    issue_link_types: list[LinkType]


class NamedIssueBody(JiraBody):
    """An issue by its id alone: the other end of a link, or a subtask."""

    id: RemoteId


class CreatedIssueBody(NamedIssueBody):
    key: IssueKey


class ElementErrorBody(JiraBody):
    """One element of a bulk that failed."""

    status: int
    messages: list[str] | None = _below("elementErrors", "errorMessages")
    field_errors: dict[str, str] | None = _below("elementErrors", "errors")
    failed_element_number: int = Field(ge=0)


class BulkCreatedBody(JiraBody):
    """Answer of a bulk creation, of which at least one element failed or succeeded."""

    issues: list[CreatedIssueBody]
    errors: list[ElementErrorBody] = Field(default_factory=list)


class IssueLinkBody(JiraBody):
    id: RemoteId
    link_type_id: str = Field(validation_alias=AliasPath("type", "id"))
    inward_id: RemoteId | None = _below("inwardIssue", "id")
    outward_id: RemoteId | None = _below("outwardIssue", "id")

    def to_links(self) -> tuple[IssueLink, ...]:
        """Translate; a link that shows no end we may see gives none."""
        ends = ((LinkEnd.INWARD, self.inward_id), (LinkEnd.OUTWARD, self.outward_id))
        return tuple(
            IssueLink(
                link_type_id=self.link_type_id,
                other_end=end,
                other_issue_id=issue_id,
                link_id=self.id,
            )
            for end, issue_id in ends
            if issue_id is not None
        )


class WrittenBody(JiraBody):
    """What somebody wrote or changed."""

    author_id: str | None = None


class IssueFieldsBody(JiraBody):
    """The fields of an issue that we ask for."""

    creator_id: str | None = _below("creator", "accountId")
    updated: str = ""
    summary: str | None = None
    description: dict[str, Any] | None = None
    labels: list[str] | None = None
    issuelinks: list[IssueLinkBody] | None = None
    attachment: list[IssueAttachment] | None = None
    subtasks: list[NamedIssueBody] | None = None
    parent_key: IssueKey | None = _below("parent", "key")
    status: str | None = _below("status", "name")
    category: str | None = _below("status", "statusCategory", "key")
    assignee: str | None = _below("assignee", "displayName")
    resolution: str | None = _below("resolution", "name")
    hierarchy_level: int | None = _below("issuetype", "hierarchyLevel")
    sprints: list[Sprint] | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_sprints(cls, fields: object) -> object:
        """The only custom field that is asked for holds them; its number is another on each site."""
        if not isinstance(fields, dict):
            return fields
        return {"sprints" if "customfield_" in n else n: value for n, value in fields.items()}

    @property
    def progress(self) -> IssueProgress | None:
        """None where the status was not asked for."""
        if self.status is None:
            return None
        stages: dict[str | None, IssueStage] = {stage.value: stage for stage in IssueStage}
        return IssueProgress(
            status=self.status,
            stage=stages.get(self.category),
            assignee=self.assignee,
            resolution=self.resolution,
            sprint=self._next_sprint_name(),
        )

    def _next_sprint_name(self) -> str | None:
        """Return the sprint that is active, else one to come."""
        sprints = [sprint for sprint in self.sprints or [] if sprint.state != "closed"]
        if not sprints:
            return None
        # "active" comes before "future"
        sprint = min(sprints, key=lambda sprint: (sprint.state, sprint.name))
        return sprint.name


class IssueBody(CreatedIssueBody):
    """One issue of bulkfetch or search."""

    fields: IssueFieldsBody = IssueFieldsBody()
    properties: dict[str, Any] = Field(default_factory=dict)

    def to_issue(self) -> FoundIssue:
        links = self.fields.issuelinks or []
        return FoundIssue(
            issue_id=self.id,
            key=self.key,
            summary=self.fields.summary or "",
            description=self.fields.description,
            labels=tuple(self.fields.labels or ()),
            properties=self.properties,
            links=tuple(link for body in links for link in body.to_links()),
            attachments=tuple(self.fields.attachment or ()),
            parent_key=self.fields.parent_key,
            creator_id=self.fields.creator_id,
            progress=self.fields.progress,
            hierarchy_level=self.fields.hierarchy_level,
        )


class IssueErrorBody(JiraBody):
    """One issue that bulkfetch could not read just now."""

    id: str = ""


class BulkFetchBody(JiraBody):
    """Answer of /issue/bulkfetch."""

    issues: list[IssueBody]
    issue_errors: list[IssueErrorBody] = Field(default_factory=list)


class SearchBody(LastPageBody[IssueBody]):
    """Answer of /search/jql."""

    next_page_token: str | None = None

    @override
    def next_page(self, read_count: int) -> Mapping[str, str | int] | None:
        token = self.next_page_token
        return None if self.is_last or token is None else {"nextPageToken": token}


class CommentBody(WrittenBody):
    comment_id: RemoteId = Field(alias="id")
    document: dict[str, Any] = Field(default_factory=dict, alias="body")
    changer_id: str | None = _below("updateAuthor", "accountId")
    """Who changed it last."""
    created: str = ""
    updated: str = ""

    @property
    def version(self) -> str:
        """Another one after each edit."""
        return canonical_hash([self.document, self.updated, self.changer_id])

    @property
    def is_edited(self) -> bool:
        """Somebody changed it after it was written."""
        return self.updated != self.created or self.changer_id != self.author_id


class FieldBody(JiraBody):
    """One field of a site."""

    field_id: str = Field(alias="id")
    kind: str = Field(default="", validation_alias=AliasPath("schema", "custom"))


class ChangeItemBody(JiraBody):
    field: str
    field_id: str | None = None
    before: str | None = Field(default=None, alias="fromString")
    after: str | None = Field(default=None, alias="to")


class ChangeBody(WrittenBody):
    """What somebody changed at one time."""

    created: datetime | None = None
    items: list[ChangeItemBody] = Field(default_factory=list)


class NumberedChangeBody(ChangeBody):
    """What somebody changed at one time, with its place in the history."""

    id: RemoteId

    def to_text_changes(self) -> tuple[TextChange, ...]:
        """Translate; a change of other fields gives none."""
        if TEXT_FIELDS.isdisjoint(change.field_id or change.field for change in self.items):
            return ()
        return (TextChange(change_id=self.id, author_id=self.author_id),)


class IssueTextBody(JiraBody):
    key: IssueKey
    fields: IssueFieldsBody
    histories: list[NumberedChangeBody] = Field(
        validation_alias=AliasPath("changelog", "histories")
    )
    """The history as the issue shows it: its newest changes, newest first."""
    change_count: int | None = Field(default=None, validation_alias=AliasPath("changelog", "total"))
    properties: dict[str, Any] = Field(default_factory=dict)

    @property
    def is_history_whole(self) -> bool:
        """The issue shows every change there was."""
        return len(self.histories) == self.change_count and self.change_count < SHOWN_WHOLE_MAX

    def to_text(self, changes: Iterable[NumberedChangeBody]) -> IssueText:
        """Translate, with the whole history, oldest change first."""
        text_changes: list[TextChange] = []
        for change in changes:
            text_changes.extend(change.to_text_changes())
        return IssueText(
            key=self.key,
            updated=self.fields.updated,
            summary=self.fields.summary or "",
            description=self.fields.description,
            changes=tuple(text_changes),
            properties=self.properties,
            creator_id=self.fields.creator_id,
            progress=self.fields.progress,
        )


class BulkTextBody(IssueTextBody):
    """The text of one issue among several; one without a history shows none."""

    id: RemoteId
    histories: list[NumberedChangeBody] = Field(
        default_factory=list, validation_alias=AliasPath("changelog", "histories")
    )


class BulkTextsBody(JiraBody):
    """Answer of /issue/bulkfetch with histories."""

    issues: list[BulkTextBody]
