"""The site the sandbox plays: users, issue types, priorities, link types, statuses.

Belongs here: what is on the site before the first issue, and writing it into the file. Does not:
projects (`sandbox_projects`), fields (`issue_fields`), answering for it (`site_calls`).
"""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from jira_pipeline.jira.sandbox.sandbox_projects import add_first_board
from jira_pipeline.jira.sandbox_http import Rows

SANDBOX_BASE_URL = "http://127.0.0.1:8765"
"""What the sandbox says of itself until it is served at another port."""
SITE_TITLE = "Jira sandbox"
FIRST_ID = 10_000
DEFAULT_PROJECT_KEY = "SBX"
VERSION = "1001.0.0-SNAPSHOT"
UPLOAD_LIMIT_BYTES = 10_485_760
FILES_MAX = 60
"""Source: Atlassian, "Add attachment": the maximum number of files per request."""
NOBODY = "nobody"
"""A security level, which nobody has."""
SPRINT_FIELD = "customfield_10020"
DEFAULT_PRIORITY_ID = "3"
PERMISSIONS = (
    "ADD_COMMENTS", "ADMINISTER", "ASSIGNABLE_USER", "ASSIGN_ISSUES", "BROWSE_PROJECTS",
    "CLOSE_ISSUES", "CREATE_ATTACHMENTS", "CREATE_ISSUES", "DELETE_ALL_ATTACHMENTS",
    "DELETE_ALL_COMMENTS", "DELETE_ISSUES", "DELETE_OWN_ATTACHMENTS", "DELETE_OWN_COMMENTS",
    "EDIT_ALL_COMMENTS", "EDIT_OWN_COMMENTS", "EDIT_ISSUES", "LINK_ISSUES",
    "MANAGE_SPRINTS_PERMISSION", "MODIFY_REPORTER", "SCHEDULE_ISSUES", "TRANSITION_ISSUES",
    "WORK_ON_ISSUES",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody with an account."""

    account_id: str
    display_name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteKind:
    """One of several kinds that a site has."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueType(SiteKind):
    description: str
    hierarchy_level: int
    """1 for epics, 0 for ordinary issues, -1 for sub-tasks."""

    @property
    def is_subtask(self) -> bool:
        """It lives under another issue."""
        return self.hierarchy_level < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Priority(SiteKind):
    """How urgent an issue is."""

    description: str
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkType(SiteKind):
    """A way two issues are connected."""

    inward: str
    outward: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(SiteKind):
    """How far an issue is."""

    category_id: int
    category_key: str
    category_name: str
    category_color: str


Kind = TypeVar("Kind", bound=SiteKind)

USERS = tuple(
    User(account_id=account_id, display_name=name, email=f"{local_part}@sandbox.example")
    for account_id, name, local_part in (
        ("5b10a2844c20165700ede21f", "Sandbox Owner", "owner"),
        ("5b10ac8d82e05b22cc7d4ef5", "Ada Example", "ada"),
        ("5b109f2e9729b51b54dc274d", "Grace Example", "grace"),
        ("5b10a0effa615349cb016cd8", "Linus Example", "linus"),
    )
)
ISSUE_TYPES = (
    IssueType(id="10000", name="Epic", description="A big user story.", hierarchy_level=1),
    IssueType(id="10001", name="Story", description="A user story.", hierarchy_level=0),
    IssueType(id="10002", name="Task", description="A piece of work.", hierarchy_level=0),
    IssueType(id="10003", name="Sub-task", description="A part of an issue.", hierarchy_level=-1),
    IssueType(id="10004", name="Bug", description="A problem or error.", hierarchy_level=0),
)
PRIORITIES = (
    Priority(id="1", name="Highest", description="Blocks progress.", color="#d04437"),
    Priority(id="2", name="High", description="Could block progress.", color="#f15C75"),
    Priority(id="3", name="Medium", description="May affect progress.", color="#f79232"),
    Priority(id="4", name="Low", description="Easily worked around.", color="#707070"),
    Priority(id="5", name="Lowest", description="Little or no impact.", color="#999999"),
)
LINK_TYPES = (
    LinkType(id="10000", name="Blocks", inward="is blocked by", outward="blocks"),
    LinkType(id="10001", name="Cloners", inward="is cloned by", outward="clones"),
    LinkType(id="10002", name="Duplicate", inward="is duplicated by", outward="duplicates"),
    LinkType(id="10003", name="Relates", inward="relates to", outward="relates to"),
)
TO_DO = Status(
    id="10000",
    name="To Do",
    category_id=2,
    category_key="new",
    category_name="To Do",
    category_color="blue-gray",
)
IN_PROGRESS = Status(
    id="3",
    name="In Progress",
    category_id=4,
    category_key="indeterminate",
    category_name="In Progress",
    category_color="yellow",
)
DONE = Status(
    id="10001",
    name="Done",
    category_id=3,
    category_key="done",
    category_name="Done",
    category_color="green",
)
STATUSES = (TO_DO, IN_PROGRESS, DONE)
"""An issue may go from each to each, by a transition of the same id."""


def seed_site(rows: Rows, *, path: Path, now: datetime) -> None:
    """Fill a new file: the site, its users and its first project; an old file stays as it is."""
    if rows.first("SELECT 1 FROM site"):
        return
    site_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{path.resolve()}\n{now.isoformat()}"))
    settings = {"base_url": SANDBOX_BASE_URL, "title": SITE_TITLE, "created_at": now.isoformat()}
    rows.add("site", site_id=site_id, **settings)
    for position, user in enumerate(USERS):
        rows.add("user", **asdict(user), position=position)
    for table in ("issue", "issue_link", "attachment"):
        rows.add("sqlite_sequence", name=table, seq=FIRST_ID)
    rows.add("project", id=FIRST_ID, key=DEFAULT_PROJECT_KEY, name="Sandbox")
    add_first_board(rows, project_id=FIRST_ID, key=DEFAULT_PROJECT_KEY)


def find_users(rows: Rows) -> tuple[User, ...]:
    """Return everybody with an account, the owner first."""
    rows_of_users = rows.every("SELECT * FROM user ORDER BY position")
    return tuple(
        User(account_id=row["account_id"], display_name=row["display_name"], email=row["email"])
        for row in rows_of_users
    )


def kind_of(kinds: Sequence[Kind], kind_id: str) -> Kind:
    """Return the one of an id that is known to exist."""
    return next(kind for kind in kinds if kind.id == kind_id)
