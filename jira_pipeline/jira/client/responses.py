"""The shape of Jira's good answers, parsed once at the door.

Belongs here: one model per body and its translation into the values of `model/issue_tracker`.
Does not: answers that say no (`answers`). Fields we do not use are ignored.
"""

from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, Field, RootModel, StringConstraints

from jira_pipeline.model.issue_tracker import (
    Account,
    AttachmentRules,
    Board,
    CreateField,
    FieldOption,
    FoundIssue,
    IssueAttachment,
    IssueChange,
    IssueComment,
    IssueLink,
    IssueType,
    LinkEnd,
    LinkType,
    Project,
    Sprint,
    TextChange,
)
from jira_pipeline.model.tickets import canonical_hash

RemoteId = Annotated[str, StringConstraints(pattern=r"^[0-9]+$")]
IssueKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*-[1-9][0-9]*$")]
TEXT_FIELDS = frozenset({"summary", "description"})
"""Ids of the fields whose history is read."""


class SiteBody(BaseModel):
    """Answer of /serverInfo."""

    base_url: str = Field(alias="baseUrl", min_length=1)


class TenantBody(BaseModel):
    """Answer of /_edge/tenant_info."""

    cloud_id: str = Field(alias="cloudId", min_length=1)


class AccountBody(BaseModel):
    """A user as /myself and the user search answer."""

    account_id: str = Field(alias="accountId")
    display_name: str = Field(alias="displayName", default="")
    email: str | None = Field(alias="emailAddress", default=None)

    def to_account(self) -> Account:
        """Translate."""
        return Account(
            account_id=self.account_id, display_name=self.display_name, email=self.email or None
        )


class ProjectBody(BaseModel):
    """Answer of /project/{key}."""

    id: RemoteId
    key: str
    name: str
    style: str = ""
    simplified: bool = False

    def to_project(self) -> Project:
        """Translate."""
        return Project(
            project_id=self.id,
            key=self.key,
            name=self.name,
            is_team_managed=self.simplified or self.style == "next-gen",
        )


class PermissionBody(BaseModel):
    """One permission in the answer of /mypermissions."""

    have_permission: bool = Field(alias="havePermission")


class PermissionsBody(BaseModel):
    """Answer of /mypermissions."""

    permissions: dict[str, PermissionBody]


class IssueTypeBody(BaseModel):
    """One issue type of createmeta."""

    id: str
    name: str
    untranslated_name: str | None = Field(alias="untranslatedName", default=None)
    subtask: bool = False
    hierarchy_level: int | None = Field(alias="hierarchyLevel", default=None)

    def to_issue_type(self) -> IssueType:
        """Translate."""
        level = self.hierarchy_level
        return IssueType(
            issue_type_id=self.id,
            name=self.name,
            is_subtask=self.subtask or (level is not None and level < 0),
            untranslated_name=self.untranslated_name,
            hierarchy_level=level,
        )


class IssueTypesBody(BaseModel):
    """One page of the issue types of createmeta."""

    issue_types: list[IssueTypeBody] = Field(alias="issueTypes")
    total: int | None = None


class FieldOptionBody(BaseModel):
    """One value of a field, or one priority; an option of a custom field has a value for a name."""

    id: str = ""
    name: str = Field(default="", validation_alias=AliasChoices("name", "value"))
    untranslated_name: str | None = Field(alias="untranslatedName", default=None)

    def to_option(self) -> FieldOption:
        """Translate."""
        return FieldOption(
            option_id=self.id, name=self.name, untranslated_name=self.untranslated_name
        )


FieldOptions = RootModel[list[FieldOptionBody]]


class FieldSchemaBody(BaseModel):
    """Which values a field takes."""

    type: str = ""
    items: str = ""
    custom: str = ""


class CreateFieldBody(BaseModel):
    """One field of createmeta."""

    field_id: str = Field(alias="fieldId")
    name: str = ""
    required: bool = False
    has_default_value: bool = Field(alias="hasDefaultValue", default=False)
    allowed_values: list[Any] | None = Field(alias="allowedValues", default=None)
    value_schema: FieldSchemaBody = Field(alias="schema", default_factory=FieldSchemaBody)

    def to_create_field(self) -> CreateField:
        """Translate; values that are no options of a field are left out."""
        options = tuple(
            FieldOptionBody.model_validate(value).to_option()
            for value in self.allowed_values or ()
            if isinstance(value, dict)
        )
        return CreateField(
            field_id=self.field_id,
            name=self.name,
            is_required=self.required,
            has_default=self.has_default_value,
            options=None if self.allowed_values is None else options,
            kind=self.value_schema.type,
            item_kind=self.value_schema.items,
            custom_type=self.value_schema.custom,
        )


class CreateFieldsBody(BaseModel):
    """One page of the fields of createmeta."""

    fields: list[CreateFieldBody]
    total: int | None = None


class ProjectPageBody(BaseModel):
    """One page of /project/search."""

    values: list[ProjectBody]
    is_last: bool = Field(alias="isLast", default=False)


class PriorityPageBody(BaseModel):
    """One page of /priority/search."""

    values: list[FieldOptionBody]
    is_last: bool = Field(alias="isLast", default=False)


class BoardBody(BaseModel):
    """One board."""

    id: int
    name: str = ""
    type: str = ""

    def to_board(self) -> Board:
        """Translate."""
        return Board(board_id=str(self.id), name=self.name, board_type=self.type)


class BoardPageBody(BaseModel):
    """One page of the boards of a project."""

    values: list[BoardBody]
    is_last: bool = Field(alias="isLast", default=False)


class SprintBody(BaseModel):
    """One sprint."""

    id: int
    name: str
    state: str

    def to_sprint(self) -> Sprint:
        """Translate."""
        return Sprint(sprint_id=str(self.id), name=self.name, state=self.state)


class SprintPageBody(BaseModel):
    """One page of the sprints of a board."""

    values: list[SprintBody]
    is_last: bool = Field(alias="isLast", default=False)


class AttachmentSettingsBody(BaseModel):
    """Answer of /attachment/meta."""

    enabled: bool
    upload_limit: int | None = Field(alias="uploadLimit", default=None)

    def to_rules(self) -> AttachmentRules:
        """Translate."""
        return AttachmentRules(is_enabled=self.enabled, size_max_bytes=self.upload_limit)


class ConfigurationBody(BaseModel):
    """Answer of /configuration, of which we need one switch."""

    is_time_tracked: bool = Field(alias="timeTrackingEnabled")


class LinkTypeBody(BaseModel):
    """One issue link type."""

    id: str
    name: str
    inward: str = ""
    outward: str = ""

    def to_link_type(self) -> LinkType:
        """Translate."""
        return LinkType(
            link_type_id=self.id, name=self.name, inward=self.inward, outward=self.outward
        )


class LinkTypesBody(BaseModel):
    """Answer of /issueLinkType."""

    issue_link_types: list[LinkTypeBody] = Field(alias="issueLinkTypes")


class CreatedIssueBody(BaseModel):
    """Answer of a creation."""

    id: RemoteId
    key: IssueKey


class ElementComplaintBody(BaseModel):
    """What Jira says of one element of a bulk."""

    error_messages: list[str] | None = Field(alias="errorMessages", default=None)
    errors: dict[str, str] | None = None


class ElementErrorBody(BaseModel):
    """One element of a bulk that failed."""

    status: int
    element_errors: ElementComplaintBody = Field(
        alias="elementErrors", default_factory=ElementComplaintBody
    )
    failed_element_number: int = Field(alias="failedElementNumber", ge=0)


class BulkCreatedBody(BaseModel):
    """Answer of a bulk creation, of which at least one element failed or succeeded."""

    issues: list[CreatedIssueBody]
    errors: list[ElementErrorBody] = Field(default_factory=list)


class LinkedIssueBody(BaseModel):
    """The other end of a link."""

    id: RemoteId


class IssueLinkBody(BaseModel):
    """One link as one of its issues shows it."""

    id: RemoteId
    type: LinkTypeBody
    inward_issue: LinkedIssueBody | None = Field(alias="inwardIssue", default=None)
    outward_issue: LinkedIssueBody | None = Field(alias="outwardIssue", default=None)

    def to_links(self) -> tuple[IssueLink, ...]:
        """Translate; a link that shows no end we may see gives none."""
        ends = ((LinkEnd.INWARD, self.inward_issue), (LinkEnd.OUTWARD, self.outward_issue))
        return tuple(
            IssueLink(
                link_type_id=self.type.id,
                other_end=end,
                other_issue_id=issue.id,
                link_id=self.id,
            )
            for end, issue in ends
            if issue is not None
        )


class AuthorBody(BaseModel):
    """Who wrote or attached something."""

    account_id: str | None = Field(alias="accountId", default=None)


class AttachmentBody(BaseModel):
    """One file on an issue."""

    id: RemoteId
    filename: str
    size: int
    author: AuthorBody | None = None

    def to_attachment(self) -> IssueAttachment:
        """Translate."""
        return IssueAttachment(
            attachment_id=self.id,
            file_name=self.filename,
            size_bytes=self.size,
            author_id=_account_id(self.author),
        )


class SubtaskBody(BaseModel):
    """One subtask as its parent shows it."""

    id: RemoteId


class ParentBody(BaseModel):
    """The parent of an issue."""

    key: IssueKey


class IssueFieldsBody(BaseModel):
    """The fields of an issue that we ask for."""

    summary: str | None = None
    labels: list[str] | None = None
    issuelinks: list[IssueLinkBody] | None = None
    attachment: list[AttachmentBody] | None = None
    subtasks: list[SubtaskBody] | None = None
    updated: str = ""
    parent: ParentBody | None = None


class IssueBody(BaseModel):
    """One issue of bulkfetch or search."""

    id: RemoteId
    key: IssueKey
    fields: IssueFieldsBody = IssueFieldsBody()
    properties: dict[str, Any] = Field(default_factory=dict)

    def to_issue(self) -> FoundIssue:
        """Translate."""
        links = self.fields.issuelinks or []
        return FoundIssue(
            issue_id=self.id,
            key=self.key,
            summary=self.fields.summary or "",
            labels=tuple(self.fields.labels or ()),
            properties=self.properties,
            links=tuple(link for body in links for link in body.to_links()),
            attachments=tuple(a.to_attachment() for a in self.fields.attachment or ()),
            parent_key=self.fields.parent.key if self.fields.parent is not None else None,
        )


class TextFieldsBody(BaseModel):
    """Summary and description of an issue."""

    summary: str | None = None
    description: dict[str, Any] | None = None
    updated: str = ""


class IssueErrorBody(BaseModel):
    """One issue that bulkfetch could not read just now."""

    id: str = ""


class BulkFetchBody(BaseModel):
    """Answer of /issue/bulkfetch."""

    issues: list[IssueBody]
    issue_errors: list[IssueErrorBody] = Field(alias="issueErrors", default_factory=list)


class SearchBody(BaseModel):
    """Answer of /search/jql."""

    issues: list[IssueBody]
    next_page_token: str | None = Field(alias="nextPageToken", default=None)
    is_last: bool = Field(alias="isLast", default=False)


class TracePageBody(BaseModel):
    """One page of what people left on an issue."""

    total: int


class TraceBody(BaseModel):
    """One worklog; that it is there is all that counts."""


class CommentBody(BaseModel):
    """One comment."""

    id: RemoteId
    body: dict[str, Any] = Field(default_factory=dict)
    author: AuthorBody | None = None
    update_author: AuthorBody | None = Field(alias="updateAuthor", default=None)
    created: str = ""
    updated: str = ""

    def to_comment(self) -> IssueComment:
        """Translate."""
        author_id = self.author.account_id if self.author is not None else None
        changer_id = self.update_author.account_id if self.update_author is not None else None
        return IssueComment(
            comment_id=self.id,
            document=self.body,
            author_id=author_id,
            version=canonical_hash([self.body, self.updated, changer_id]),
            is_edited=self.updated != self.created or changer_id != author_id,
        )


class CommentsBody(TracePageBody):
    """One page of the comments on an issue."""

    comments: list[CommentBody]


class WorklogsBody(TracePageBody):
    """One page of the worklogs of an issue."""

    worklogs: list[TraceBody]


class ChangeItemBody(BaseModel):
    """One changed field."""

    field: str
    field_id: str | None = Field(alias="fieldId", default=None)


class ChangeBody(BaseModel):
    """What somebody changed at one time."""

    author: AuthorBody | None = None
    items: list[ChangeItemBody] = Field(default_factory=list)

    def to_changes(self) -> tuple[IssueChange, ...]:
        """Translate."""
        return tuple(
            IssueChange(author_id=_account_id(self.author), field=item.field) for item in self.items
        )


class ChangelogBody(TracePageBody):
    """One page of the changelog of an issue."""

    values: list[ChangeBody]


class NumberedChangeBody(ChangeBody):
    """What somebody changed at one time, with its place in the history."""

    id: RemoteId

    def to_text_changes(self) -> tuple[TextChange, ...]:
        """Translate; a change of other fields gives none."""
        if TEXT_FIELDS.isdisjoint(item.field_id or item.field for item in self.items):
            return ()
        return (TextChange(change_id=self.id, author_id=_account_id(self.author)),)


class HistoryBody(TracePageBody):
    """One page of the history of an issue, oldest change first."""

    values: list[NumberedChangeBody]


class ShownHistoryBody(BaseModel):
    """The history of an issue as the issue shows it: its newest changes, newest first."""

    histories: list[NumberedChangeBody]


class IssueTextBody(BaseModel):
    """One issue with its text and history."""

    key: IssueKey
    fields: TextFieldsBody
    changelog: ShownHistoryBody
    properties: dict[str, Any] = Field(default_factory=dict)


def _account_id(author: AuthorBody | None) -> str | None:
    return author.account_id if author is not None else None
