"""What goes wrong in one schedule.

Belongs here: the events a schedule is made of. Does not: how a seed gives them (`drawing`), letting
them happen (`fault_world`), judging what came of it (`judging`).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TypeVar

from typing_extensions import override

from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultRule, Moment
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import WORLD_NAMES

ALL_DELETED, SOME_DELETED = "all_deleted", "some_deleted"
PEOPLE_WORLDS = (ALL_DELETED, SOME_DELETED)
"""Worlds in which people delete issues in Jira, and decide about them afterwards."""
SECOND_SITE, COPIED_SITE = "second_site", "copied_site"
SITE_WORLDS = (SECOND_SITE, COPIED_SITE)
"""Worlds in which the settings name another site after the first process has ended."""
WORLDS = (*WORLD_NAMES, *PEOPLE_WORLDS, *SITE_WORLDS)


class LifeWorld(StrEnum):
    """What befalls a session in a life: several exports, updates and undos, one after the other."""

    RESTORED_SITE = "restored_site"
    """The site is set back to what its backup kept."""
    HOLLOW_DELETIONS = "hollow_deletions"
    """A deletion is answered, and not done."""
    HIDDEN_ISSUES = "hidden_issues"
    """An issue is hidden as its deletion is lost, or at any time, and shown again later."""
    OTHER_ACCOUNT = "other_account"
    """The token of another account is used from one process on."""
    PROPERTY_CLONES = "property_clones"
    """A person clones an issue with its properties."""
    LINKS_OF_PEOPLE = "links_of_people"
    """A person makes a link that a ticket asks for, before the export does."""
    TURNED_DEPENDENCIES = "turned_dependencies"
    """Of two tickets the other one waits after an update."""
    RESTRICTED_COMMENTS = "restricted_comments"
    """A person comments for some people, of which we are none."""
    HURRIED_LINKS = "hurried_links"
    """A person links an issue while an undo reads it, which does not move the issue's time."""
    OWN_HANDS = "own_hands"
    """The owner of the token works with issues by hand."""
    HANDMADE_ISSUES = "handmade_issues"
    """People made issues before, some of which become tickets'."""
    TEXT_OF_THE_SITE = "text_of_the_site"
    """A workflow of the site adds text to each new issue, and the tickets change later."""
    NEW_CHILD = "new_child"
    """A person makes an issue below our epic, which a search does not show for a while."""
    EDITED_BATCHES = "edited_batches"
    """A person edits an issue between the read of several texts and our writes, or among these."""
    WORDS_AT_HOME = "words_at_home"
    """People say things to the program and in Jira, while verbs, nights and the daemon go on."""


ALL_WORLDS = (*WORLDS, *LifeWorld)
TICKET_COUNTS = (6, 8, 10)
SMALL_COUNT = 3
"""Of the session in which every single fault is tried."""
HANDMADE = (11, 12, 13, 14)
"""Numbers of the issues that people made by hand, beside those of tickets."""
NO_TICKET = 77
STANDSTILL_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessEnd:
    """The process ends at a point and loses all its memory."""

    point: str
    """`write` into the ledger, `request`, or a request that is a `creation` or a `comment`."""
    number: int
    """Counted over the whole schedule, from 1."""
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """A backup of the ledger is restored before a restart."""

    restart: int
    writes: int
    """How many of its last entries are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockJump:
    """The clock on the client's wall is set, at one of its requests."""

    point: str
    """A `request`, or one that is a `creation`."""
    number: int
    """Counted over the whole schedule, from 1."""
    seconds: float


class StoreTrouble(StrEnum):
    """What is wrong with the store at a write."""

    LOCKED = "locked"
    """Another process keeps it longer than is waited: the write fails."""
    SLOW = "slow"
    """Another process keeps it nearly as long as is waited: the write is late."""
    FULL = "full"
    """Its disk is full: the write fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFault:
    """The store is in trouble at one write or several in a row."""

    write: int
    """Of entries, fixes, progress and all else; counted over the whole schedule, from 1."""
    trouble: StoreTrouble
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondExport:
    """Another export of the session begins while one is at work, and runs to its end."""

    request_number: int
    """Of the one at work; counted over the whole schedule, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """The process falls silent, its lease is taken away, another export runs; then it wakes."""

    write: int
    """Into the ledger, after which it does; counted over the whole schedule, from 1."""
    seconds: float = STANDSTILL_SECONDS
    is_alone: bool = False
    """The machine sleeps: nobody takes the lease, and no other export runs."""


class Act(StrEnum):
    """What somebody does with an issue of the session."""

    EDIT = "edit"
    EDIT_AS_US = "edit_as_us"
    """By the account of the program."""
    BEFORE_US = "before_us"
    """An edit right before our next write of its text."""
    AFTER_US = "after_us"
    """As of an automation: right after it."""
    AFTER_LOOK = "after_look"
    """An edit right after we read its text, with those of other issues or alone."""
    AMONG_OURS = "among_ours"
    """An edit right before we write the text of another issue that we read with it."""
    COMMENT = "comment"
    EDIT_COMMENT = "edit_comment"
    """Of ours."""
    PASTE_COMMENT = "paste_comment"
    """The words of ours, in a comment of their own."""
    ADD_LINK = "add_link"
    ADD_FOREIGN_LINK = "add_foreign_link"
    """To an issue that is not of this export."""
    DELETE_LINK = "delete_link"
    REMAKE_LINK = "remake_link"
    """Deletes one of ours and makes the same one."""
    SET_PARENT = "set_parent"
    MOVE_SPRINT = "move_sprint"
    ADD_FILE = "add_file"
    DELETE_FILE = "delete_file"
    LOG_WORK = "log_work"
    ADD_SUBTASK = "add_subtask"
    ADD_CHILD = "add_child"
    """An issue below the epic that we made."""
    ADD_WANTED_LINK = "add_wanted_link"
    """That the issue waits for the one of a ticket as its ticket asks, before we made it."""
    COMMENT_FOR_SOME = "comment_for_some"
    """A comment that is not shown to us."""
    CLONE = "clone"
    """With its properties, as an app does; the clone has words of its own."""
    SPRINT_AS_US = "sprint_as_us"
    """By the account of the program, as are the next two."""
    PARENT_AS_US = "parent_as_us"
    LINK_AS_US = "link_as_us"
    STRIP_MARKER = "strip_marker"
    """Another tool writes over the property with our marker."""
    MAKE = "make"
    """By hand, before the session was."""
    RENAME = "rename"
    MOVE = "move"
    """To another project."""
    DELETE = "delete"


class SiteAct(StrEnum):
    """What befalls the site, beside what people do with issues."""

    BACK_UP = "back_up"
    RESTORE = "restore"
    """To what was backed up last."""
    HIDE = "hide"
    SHOW = "show"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanwhile:
    """Something happens in a step: before a request of it, or after a deletion; once it is possible."""

    what: Act | SiteAct
    step: int
    """From 0."""
    ticket: int = 1
    request: int = 0
    """Of the step, before which it does; 0: before the step begins."""
    deletion: int = 0
    """Of an issue in the step, after which it does instead."""


class HomeAct(StrEnum):
    """What happens in a life at home: people say something, or the program does something."""

    EDIT_IN_JIRA = "edit_in_jira"
    COMMENT_IN_JIRA = "comment_in_jira"
    ANSWER = "answer"
    CLIENT_ANSWERS = "client_answers"
    TAKE_OVER = "take_over"
    """A reviewer takes over what a client answered."""
    REQUEST_CHANGES = "request_changes"
    RESOLVE = "resolve"
    COMMENT = "comment"
    NOTE = "note"
    RETITLE = "retitle"
    UPLOAD_AGAIN = "upload_again"
    UPLOAD_CHANGED = "upload_changed"
    UPLOAD_RENAMED = "upload_renamed"
    EXPORT = "export"
    UPDATE = "update"
    UNDO = "undo"
    FINISH = "finish"
    """People move all issues on their board to done."""
    RETENTION = "retention"
    """Nights pass: one for the first ticket, many for others."""
    DAGSTER_DELETED = "dagster_deleted"
    """Its folders are, with the cursor of the sensor, which looks into the inbox then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHome:
    """An act in a life at home; the events of such a life happen one after the other."""

    what: HomeAct
    ticket: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AnotherAccount:
    """From a process on the token of another account is used; the next such event takes it back."""

    process: int
    """Counted over the whole life, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """People delete issues of the session in Jira: all of them, or every third."""

    request_number: int
    """Of the exporter, before which they do; after the export where it sends fewer."""
    is_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSite:
    """After the first process the settings name another site: a new one, or a copy of the first."""

    is_copy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InWorld:
    """The site is unkind for its whole life."""

    name: str


Event = (
    FaultRule
    | ProcessEnd
    | RolledBack
    | ClockJump
    | StoreFault
    | SecondExport
    | Standstill
    | Deleted
    | OtherSite
    | InWorld
    | Meanwhile
    | AtHome
    | AnotherAccount
)


class Verb(StrEnum):
    """What the processes of a schedule do."""

    EXPORT = "export"
    UPDATE = "update"
    """Of a session that is exported, and whose tickets changed since."""
    UNDO = "undo"
    """Of one that was updated, and of which somebody edited an issue."""
    ADOPT = "adopt"
    """Of a life only, as is the next: issues that people made become tickets'."""
    GIVE_BACK = "give_back"


VERBS_ALONE = (Verb.EXPORT, Verb.UPDATE, Verb.UNDO)
"""Of which there are schedules without a life."""


class Named(StrEnum):
    """What people name for a ticket that is none of the issues made by hand."""

    NOTHING = "nothing"
    """A key that no issue has."""
    OURS = "ours"
    """An issue that was created for another ticket."""
    CLONE = "clone"
    """One that a person cloned, with its properties."""


Pair = tuple[int, int | Named]
"""The number of a ticket, and that of an issue made by hand, or what else is named."""


class Dependencies(StrEnum):
    """Which tickets of a life wait for which."""

    FIRST = "first"
    """As they do at the beginning."""
    OTHER = "other"
    TURNED = "turned"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One export, update or undo of a life, with as many processes as it needs."""

    verb: Verb
    dependencies: Dependencies | None = None
    """Of the tickets from then on; None: as before. An update has new titles besides."""
    pairs: tuple[Pair, ...] = ()
    """Of an adoption; to give back, the tickets alone count."""

    @override
    def __str__(self) -> str:
        pairs = " ".join(f"{number}={name}" for number, name in self.pairs)
        words = pairs or self.dependencies
        return f"{self.verb} ({words})" if words else str(self.verb)


Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Everything that is decided before the first process begins."""

    seed: int
    ticket_count: int
    batch_size: int = 1
    downtime_seconds: float
    """Between the end of one process and the next."""
    events: tuple[Event, ...]
    life: LifeWorld | None = None
    steps: tuple[Step, ...] = (Step(verb=Verb.EXPORT),)
    begins_at: int = 0
    """How many of the steps were done before, where nothing went wrong."""
    is_calm_at_end: bool = False
    """Afterwards nothing goes wrong any more: then all has to be done."""
    overwrites: frozenset[int] = frozenset()
    """Numbers of tickets whose issues an update writes though somebody edited them."""

    @override
    def __str__(self) -> str:
        if self.life is LifeWorld.WORDS_AT_HOME:
            return "\n  ".join((f"seed {self.seed}, {self.life}:", *map(words_of, self.events)))
        steps = ", ".join(map(str, self.steps))
        life = f"{self.life}: " if self.life else ""
        head = f"seed {self.seed}, {life}{steps} of {self.ticket_count} tickets"
        words = [f"overwrite {sorted(self.overwrites)}"] if self.overwrites else []
        lines = (f"{head}, {self.batch_size} at once:", *map(words_of, self.events), *words)
        return "\n  ".join(lines)

    @property
    def verb(self) -> Verb:
        """What is done at last."""
        return self.steps[-1].verb

    @property
    def worlds(self) -> tuple[str, ...]:
        """Names of the site worlds, in order."""
        return tuple(event.name for event in self.every(InWorld))

    @property
    def rules(self) -> tuple[FaultRule, ...]:
        return self.every(FaultRule)

    @property
    def other_site(self) -> OtherSite | None:
        return next(iter(self.every(OtherSite)), None)

    def every(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Return the events of a kind, in order."""
        return tuple(event for event in self.events if isinstance(event, kind))

    def strikes_with(self, *kinds: FaultKind) -> bool:
        """Tell whether one of these strikes a request by a rule of its own."""
        return any(rule.kind in kinds for rule in self.rules)

    @property
    def is_forgetful(self) -> bool:
        """The ledger may forget a creation that the site is still working on."""
        is_late = "late_commits" in self.worlds or self.strikes_with(FaultKind.DELAYED_COMMIT)
        return is_late and bool(self.every(RolledBack))

    def rolled_back(self, restart: int) -> int:
        return sum(event.writes for event in self.every(RolledBack) if event.restart == restart)

    def keeping(self, places: Sequence[int]) -> "Schedule":
        """Return the schedule with those of its events only, by place from 0."""
        return replace(self, events=tuple(self.events[place] for place in places))


def words_of(event: Event) -> str:
    """Say what an event is, and what of it is not as usual."""
    values = (
        event.model_dump(exclude_defaults=True) if isinstance(event, FaultRule) else asdict(event)
    )
    return " ".join([type(event).__name__, *(f"{name}={value}" for name, value in values.items())])
