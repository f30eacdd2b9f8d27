"""Issues that people made by hand, of which some become tickets' in a life.

Belongs here: making them before the life begins, naming pairs as people do, what they decided, and
whether a pair was taken that contradicts the site. Does not: when that happens (`fault_world`), whether
it was kept (`site_judging`).
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from jira_pipeline.export.adoption import AdoptedTicket
from jira_pipeline.export.issue_decisions import DecisionReport
from jira_pipeline_tests.crash.by_hand import make_issue
from jira_pipeline_tests.crash.sessions import PROJECT_KEY
from jira_pipeline_tests.faults.people import OTHERS_WORDS, ByPerson, Deed, People, issue_id_of
from jira_pipeline_tests.faults.schedules import HANDMADE, Act, Named, Pair
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox

NOT_THERE = f"{PROJECT_KEY}-999"
TITLE = "By hand {}"
NOTHING_COUNTS = "It has no issue that counts"


def adoptions_of_handmade(people: People, site: FaultySandbox) -> "Adoptions":
    """Let people make the issues; of them title, text and existence are people's."""
    made = {number: TITLE.format(number) for number in HANDMADE}
    people.titles = {**people.titles, **made}
    for number, title in made.items():
        words = f"Typed long before, {number}."
        make_issue(site, title, words)
        with site.state.reading() as rows:
            issue_id = issue_id_of(rows, title)
            questions: tuple[tuple[tuple[str, ...], str, tuple[object, ...]], ...] = (
                (("text",), "SELECT instr(description, ?) > 0 FROM issue WHERE id = ?", (words,)),
                (("text", "title"), "SELECT summary FROM issue WHERE id = ?", ()),
                (("issue",), "SELECT id FROM issue WHERE id = ?", ()),
            )
            for (kind, *more), question, first in questions:
                parameters = (*first, issue_id)
                shows = [tuple(row) for row in rows.execute(question, parameters).fetchall()]
                people.deeds.append(
                    Deed(
                        act=ByPerson(Act.MAKE, number, is_first=True),
                        ticket_id=f"t{number:02}",
                        touches=(kind, f"t{number:02}", *more),
                        question=question,
                        parameters=parameters,
                        shows=shows,
                        meets_write=False,
                    )
                )
    return Adoptions(people)


@dataclass
class Adoptions:
    """What people named, and what became of it as they were told."""

    people: People
    issues: Mapping[int, int] = field(default_factory=dict)
    """Ids of the issues made by hand, by number."""
    decided: dict[int, int] = field(default_factory=dict)
    """Issue by number of ticket: each was said to be adopted, and not given back."""
    wrong: list[str] = field(default_factory=list)
    """Pairs that were taken though the site contradicts them."""
    _keys: dict[int, str] = field(default_factory=dict)
    """What people name in this step, by number of ticket."""
    _ids: dict[int, int | None] = field(default_factory=dict)
    _asked_back: dict[int, int] = field(default_factory=dict)
    _released: set[int] = field(default_factory=set)
    """Tickets whose issue was given back in this step, as somebody was told."""

    def __post_init__(self) -> None:
        found = {number: self.people.issue_id(number) for number in HANDMADE}
        self.issues = {number: i for number, i in found.items() if i is not None}

    def begin(self, pairs: Sequence[Pair]) -> None:
        """Look up the keys that people name in a step: they stay with them, whatever happens."""
        self._asked_back, self._released = {}, set()
        with self.people.sandbox().state.reading() as rows:
            named = {number: self._named(rows, number, name) for number, name in pairs}
        self._keys = {number: key for number, (key, _) in named.items()}
        self._ids = {number: issue_id for number, (_, issue_id) in named.items()}

    @property
    def pairs(self) -> Mapping[int, str]:
        return self._keys

    def _named(
        self, rows: sqlite3.Connection, number: int, name: int | Named
    ) -> tuple[str, int | None]:
        """Return key and id of what people name for a ticket."""
        chosen: int | None = None
        match name:
            case Named.NOTHING:
                pass
            case Named.OURS:
                others = [i for i, n in self._created(rows).items() if n != number]
                chosen = others[0] if others else None
            case Named.CLONE:
                asked = (
                    "SELECT max(id) AS id FROM issue WHERE summary LIKE ? AND id NOT IN (?,?,?,?)"
                )
                found = rows.execute(asked, (f"{OTHERS_WORDS}%", *self.issues.values())).fetchone()
                chosen = found["id"]
            case int():
                chosen = self.issues[name]
        row = rows.execute("SELECT key FROM issue WHERE id = ?", (chosen,)).fetchone()
        return (NOT_THERE, None) if row is None else (str(row["key"]), chosen)

    def _created(self, rows: sqlite3.Connection) -> dict[int, int]:
        """Return the tickets whose issue was created and is there, by its id."""
        titles = {n: t for n, t in self.people.titles.items() if n not in HANDMADE}
        found = {issue_id_of(rows, title): number for number, title in titles.items()}
        return {issue_id: number for issue_id, number in found.items() if issue_id is not None}

    def note(self, adopted: Iterable[AdoptedTicket]) -> None:
        """Take in what an adoption says it did, and whether that may be so."""
        with self.people.sandbox().state.reading() as rows:
            ours = self._created(rows)
            for one in adopted:
                if one.refusal:
                    continue
                issue_id = self._ids[one.number]
                pair = f"{one.number}={one.key}"
                if issue_id is None or one.number not in self.people.titles:
                    self.wrong.append(f"{pair} was adopted, and there is no such thing")
                    continue
                holders = {n for n, i in self.decided.items() if i == issue_id}
                holders |= {ours[issue_id]} if issue_id in ours else set()
                if holders - {one.number}:
                    self.wrong.append(f"{pair} was adopted, and it is the issue of {holders}")
                if self.decided.get(one.number, issue_id) != issue_id:
                    self.wrong.append(f"{pair} was adopted beside {self.decided[one.number]}")
                self.decided[one.number] = issue_id

    def giving_back(self, numbers: Iterable[int], work: Callable[[], DecisionReport]) -> None:
        """Release what people ask for; where the process ends, nobody knows whether it was done."""
        asked = set(numbers)
        before = {n: i for n in asked if (i := self.decided.pop(n, None)) is not None}
        earlier = dict(self._asked_back)
        self._asked_back |= before
        for ticket in work().tickets:
            if not ticket.refusal:
                self._released.add(ticket.number)
            # by a process before, or by one beside it that came first
            is_released = ticket.number in {*earlier, *self._released}
            is_done_before = is_released and ticket.refusal.startswith(NOTHING_COUNTS)
            if ticket.refusal and not is_done_before and ticket.number in self._asked_back:
                self.decided[ticket.number] = self._asked_back[ticket.number]
