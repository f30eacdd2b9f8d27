"""Issues that people made by hand: are they matched to the right tickets, and is any made twice?

Each example has backlogs of two teams, written by somebody who had not seen the matcher and noted
which ticket an issue is the whole work of (`about`, the key of its group), or of which it is only a
part (`part_of`). A match is adopted without being looked at, so none may be wrong: the exit code is
1 then, and also where an export makes a second issue for a ticket or loses what people wrote.

Each team has a copy of the session with a sandbox of its own. CPU seconds are those of the pipeline
and the sandbox together; the ratio is to an export without any issue made by hand.
"""

import csv
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path

from benchmarks.specifications import ROOT
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import SANDBOX, TEMPLATE, load_settings
from jira_pipeline.context.trackers import opened_jira
from jira_pipeline.export import exporting
from jira_pipeline.export.adoption_proposals import Likeness, ProposedPair
from jira_pipeline.export.export_run import MARKER_PROPERTY, marker_of
from jira_pipeline.jira.adf import markdown_to_adf
from jira_pipeline.model.issue_tracker import Created, FoundIssue
from jira_pipeline.review import approvals
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions import upload
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.writing import generation

BACKLOGS = Path(__file__).with_suffix(".csv")
SITES = ("faro_abierto", "lanterne", "skarvsund", "uhrenmuseum")
KEY, ACTOR = "site", "benchmark"
ROUNDS = 3
"""Of an export without issues made by hand; the fastest counts, for the first also loads code."""
NOT_FOUND = "not found"
VERDICTS = (*map(str, Likeness), NOT_FOUND)
RIGHT, PART, WRONG = "right", "part", "wrong"
WIDTHS = {RIGHT: 8, PART: 6, WRONG: 6}

Tally = Counter[tuple[str, str]]
"""How many issues got a verdict that is right, about a part of a ticket, or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandMade:
    """An issue of a team's backlog."""

    site: str
    team: str
    title: str
    text: str
    about: str
    """Key of the group whose ticket is all of its work; empty where there is none."""
    part_of: frozenset[str]
    """Keys of the groups to whose tickets it contributes."""

    def truth_of(self, group_keys: Sequence[str]) -> str:
        """Judge the groups whose tickets it was proposed for; none: it was for no ticket."""
        if self.part_of and (not group_keys or not self.part_of.isdisjoint(group_keys)):
            return PART
        is_right = self.about in group_keys if group_keys else not self.about
        return RIGHT if is_right else WRONG


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one backlog."""

    tally: Tally
    tickets: int
    adopted: int
    cpu_seconds: float
    """Of proposing, adopting and exporting."""
    faults: Sequence[str]
    """What must not be."""


def main() -> None:
    """Print the verdicts on each backlog; exit with 1 where anything must not be."""
    print(" " * 31 + "".join(f"{verdict:>20}" for verdict in VERDICTS))
    truths = "".join(f"{truth:>{width}}" for truth, width in WIDTHS.items())
    print(f"{'':24} issues{truths * len(VERDICTS)}  tickets adopted  CPU s  ratio")
    total, seconds, seconds_of_alone, faults = Tally(), 0.0, 0.0, list[str]()
    with tempfile.TemporaryDirectory() as folder:
        for site, of_site in groupby(hand_made(), key=lambda issue: issue.site):
            home = written_home(ROOT / "examples" / site, Path(folder, site))
            alone = min(seconds_alone(home) for _ in range(ROUNDS))
            for team, backlog in groupby(of_site, key=lambda issue: issue.team):
                with copy_of(home) as session:
                    found = adopt_and_export(session, tuple(backlog))
                ratio = found.cpu_seconds / alone
                rest = f"{found.tickets:9}{found.adopted:8}{found.cpu_seconds:7.2f}{ratio:7.2f}"
                print_line(f"{site} {team}", found.tally, rest)
                total += found.tally
                seconds, seconds_of_alone = seconds + found.cpu_seconds, seconds_of_alone + alone
                faults += [f"{site} {team}: {fault}" for fault in found.faults]
    print_line("all", total, f"{seconds:24.2f}{seconds / seconds_of_alone:7.2f}")
    print("\n".join(faults) or "No match is wrong, no ticket has two issues, nothing is lost.")
    if faults:
        sys.exit(1)


def hand_made() -> list[HandMade]:
    """Read the issues, those of one backlog after each other."""
    with BACKLOGS.open(encoding="utf-8", newline="") as stream:
        return [
            HandMade(**row | {"part_of": frozenset(filter(None, row["part_of"].split("; ")))})
            for row in csv.DictReader(stream)
            if row["site"] in SITES
        ]


@contextmanager
def opened(home: Path) -> Iterator[Pipeline]:
    """Open a home with an embedded sandbox, whatever the settings of this machine are."""
    own = {"jira_pipeline_home": home, "jira_base_url": SANDBOX, "jira_pipeline_database_url": None}
    pipeline = open_pipeline(load_settings(home.parent).model_copy(update=own))
    with pipeline.store:
        yield pipeline


def written_home(sheets: Path, home: Path) -> Path:
    """Make a home with the tickets of a specification, all of them ready."""
    with opened(home) as pipeline:
        upload.upload(pipeline, sheets, session_key=KEY, auto_approve=False, actor=ACTOR)
        session = open_session(pipeline, KEY)
        upload.read_files(session)
        generation.generate(session.reload(), run_id=None, writer_name=TEMPLATE)
        approvals.validate(session.reload(), run_id=None)
        approvals.mark_ready(session.reload(), None, by=ACTOR)
    return home


@contextmanager
def copy_of(home: Path) -> Iterator[OpenSession]:
    """Open the session of a copy of a home, which is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(home, Path(folder, "home"))
        with opened(copy) as pipeline:
            yield open_session(pipeline, KEY)


def seconds_alone(home: Path) -> float:
    """Export into an empty project; return the CPU seconds."""
    with copy_of(home) as session:
        began = time.process_time()
        export(session)
        return time.process_time() - began


def export(session: OpenSession) -> None:
    exporting.create_issues(
        session.reload(), run_id=ACTOR, by=ACTOR, on_started=lambda _: None, pass_on=lambda _: None
    )
    exporting.attach_files(session.reload(), run_id=ACTOR, pass_on=lambda _: None)
    exporting.link_issues(session.reload(), run_id=ACTOR, pass_on=lambda _: None)


def adopt_and_export(session: OpenSession, backlog: Sequence[HandMade]) -> Outcome:
    """Make the issues of a team, adopt the matches, export the rest, and look at what is there."""
    by_hand = make_issues(session, backlog)
    issues = dict(zip([issue.key for issue in by_hand], backlog, strict=True))
    began = time.process_time()
    proposed = exporting.propose_adoption(session.reload())
    pairs = exporting.adopt(session.reload(), pairs=proposed.matches, by=ACTOR)
    export(session)
    seconds = time.process_time() - began

    group_keys = {ticket.number: ticket.group_key for ticket in session.reload().tickets}
    candidates: dict[str, list[ProposedPair]] = defaultdict(list)
    for pair in proposed.pairs:
        candidates[pair.key].append(pair)
    tally = Tally()
    named = {*(issue.about for issue in backlog), *chain(*(issue.part_of for issue in backlog))}
    unknown = named - {"", *group_keys.values()}
    faults = [f"no ticket is that of {group_key}" for group_key in sorted(unknown)]
    for key, issue in issues.items():
        known = candidates[key]
        verdict = str(known[0].likeness) if known else NOT_FOUND
        truth = issue.truth_of([group_keys[pair.number] for pair in known])
        tally[verdict, truth] += 1
        if (verdict, truth) == (Likeness.MATCH, WRONG):
            faults.append(f"“{issue.title}” is no match of “{known[0].title}”")
    faults += [f"{pair.key} was not adopted: {pair.refusal}" for pair in pairs if pair.refusal]
    tickets = [ticket for ticket in session.reload().tickets if ticket.exclusion is None]
    faults += damage(session, by_hand, count=len(by_hand) + len(tickets) - len(pairs))
    return Outcome(
        tally=tally,
        tickets=len(tickets),
        adopted=len(pairs),
        cpu_seconds=seconds,
        faults=faults,
    )


def make_issues(session: OpenSession, backlog: Sequence[HandMade]) -> Sequence[FoundIssue]:
    """Make the issues of a team by hand, in this order; return them as Jira shows them."""
    with opened_jira(session) as jira:
        for issue in backlog:
            fields: dict[str, object] = {
                "project": {"key": session.project_key},
                "issuetype": {"name": "Task"},
                "summary": issue.title,
            }
            if issue.text:
                fields["description"] = markdown_to_adf(issue.text)
            answer = jira.create_issue(fields, {})
            if not isinstance(answer, Created):
                sys.exit(f"“{issue.title}” was not created: {answer}")
    return issues_of(session)


def issues_of(session: OpenSession) -> Sequence[FoundIssue]:
    """Return all issues of the project, the oldest first."""
    with opened_jira(session) as jira:
        return jira.search(
            f"project = {session.project_key} ORDER BY key ASC",
            fields=("summary", "description"),
            properties=(MARKER_PROPERTY,),
        )


def damage(session: OpenSession, by_hand: Sequence[FoundIssue], *, count: int) -> Iterator[str]:
    """Say what is wrong with a project after an export that leaves so many issues there."""
    now = issues_of(session)
    if len(now) != count:
        yield f"{len(now)} issues in the project, not {count}"
    of_tickets = Counter(marker.identity for issue in now if (marker := marker_of(issue)))
    yield from (f"{n} issues of ticket {identity}" for identity, n in of_tickets.items() if n > 1)
    texts = {issue.key: (issue.summary, issue.description) for issue in now}
    for issue in by_hand:
        if texts.get(issue.key) != (issue.summary, issue.description):
            yield f"{issue.key} is not as people wrote it: “{issue.summary}”"


def print_line(name: str, tally: Tally, rest: str) -> None:
    cells = [f"{tally[verdict, truth]:{WIDTHS[truth]}}" for verdict in VERDICTS for truth in WIDTHS]
    print(f"{name:24}{tally.total():7}{''.join(cells)}{rest}")


if __name__ == "__main__":
    main()
