"""Site worlds: named sets of unkind behaviour, for a whole life of a site.

Belongs here: what each world does, in terms of rules of the site and faults on the way. Does not:
doing it (`faulty_sandbox`, and the sandbox itself).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultRule, Moment
from jira_pipeline_tests.jira.sandbox_faults.unkind_sites import UnkindRules

CREATION = r"/rest/api/[^/]+/issue(/bulk)?$"
READS = r"/(bulkfetch|search/jql)$"
SCOPED_ACCOUNT = "scoped@sandbox.example"
"""Anybody may call themselves so: an unknown e-mail is the site's owner."""
GERMAN: Mapping[str, str] = {
    "Story": "Story",
    "Task": "Aufgabe",
    "Sub-task": "Unteraufgabe",
    "Bug": "Fehler",
    "Highest": "Höchste",
    "High": "Hoch",
    "Medium": "Mittel",
    "Low": "Niedrig",
    "Lowest": "Niedrigste",
    "Blocks": "Blockiert",
    "is blocked by": "wird blockiert von",
    "blocks": "blockiert",
    "Relates": "Bezug",
    "relates to": "bezieht sich auf",
    "Summary": "Zusammenfassung",
    "Description": "Beschreibung",
    "Labels": "Stichwörter",
    "Priority": "Priorität",
    "Assignee": "Bearbeiter",
    "Parent": "Übergeordnet",
    "Due date": "Fälligkeitsdatum",
}

creation_fault = partial(FaultRule, method="POST", path=CREATION)
"""Makes a fault that happens to creations."""
LOST_AFTER_RUNS = creation_fault(kind=FaultKind.RESET, moment=Moment.AFTER, nth=4, every=3, times=3)
"""The first creation after each run: it is done, and its answer is lost."""
LONG_LAG_SECONDS = 900.0
PLAIN_ERRORS = "plain_errors"
STILL_LINKS = "still_links"
POST_FUNCTION = "post_function"
LAGGING_PARENT = "lagging_parent"
SITE_WORDS = "Definition of Done of this project: reviewed by QA."
"""What a site of the world `post_function` adds to each new issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWorld:
    """A way for a site to be unkind."""

    summary: str
    changed_rules: Mapping[str, object] = field(default_factory=dict)
    faults: tuple[FaultRule, ...] = ()


WORLDS: Mapping[str, SiteWorld] = {
    "lag300": SiteWorld(
        summary="Searches find an issue 300 s after it was created.",
        changed_rules={"index_lag_seconds": 300.0},
    ),
    "late_commits": SiteWorld(
        summary="Every third creation, from the second, is done 200 s after the client gave up.",
        faults=(
            creation_fault(
                kind=FaultKind.DELAYED_COMMIT, nth=2, every=3, times=None, seconds=200.0
            ),
        ),
    ),
    "hidden_runs": SiteWorld(
        summary="After every third creation 130 numbers go to hidden, deleted and moved issues.",
        changed_rules={"hidden_run_every": 3, "hidden_run_length": 130},
    ),
    "hidden_400": SiteWorld(
        summary="As hidden_runs, with 400 numbers, a lag of 900 s, and three answers lost.",
        changed_rules={
            "hidden_run_every": 3,
            "hidden_run_length": 400,
            "index_lag_seconds": LONG_LAG_SECONDS,
        },
        faults=(LOST_AFTER_RUNS,),
    ),
    "hidden_2000": SiteWorld(
        summary="As hidden_400, with 2,000 numbers.",
        changed_rules={
            "hidden_run_every": 3,
            "hidden_run_length": 2_000,
            "index_lag_seconds": LONG_LAG_SECONDS,
        },
        faults=(LOST_AFTER_RUNS,),
    ),
    "hidden_random": SiteWorld(
        summary="As hidden_400, after every second creation, with 1 to 2,000 numbers each time.",
        changed_rules={
            "hidden_run_every": 2,
            "hidden_run_length": 2_000,
            "hidden_run_varies": True,
            "index_lag_seconds": LONG_LAG_SECONDS,
        },
        faults=(LOST_AFTER_RUNS,),
    ),
    "outage": SiteWorld(
        summary="A gateway answers 503 with a page to eight creations, from the fourth on.",
        faults=(creation_fault(kind=FaultKind.HTML, nth=4, times=8, status=503),),
    ),
    "blackout": SiteWorld(
        summary="A gateway answers 503 with a page to forty requests, from the thirtieth on.",
        faults=(FaultRule(kind=FaultKind.HTML, nth=30, times=40, status=503),),
    ),
    "lost_auth_reads": SiteWorld(
        summary="The 2nd to 5th bulk fetch or search is answered 200 with nothing.",
        faults=(FaultRule(kind=FaultKind.ANONYMOUS, path=READS, nth=2, times=4),),
    ),
    "label_off_screen": SiteWorld(
        summary="Labels are on no create screen.",
        changed_rules={"off_every_create_screen": ("labels",)},
    ),
    "dropped_properties": SiteWorld(
        summary="Properties are taken and never stored.", changed_rules={"drops_properties": True}
    ),
    "clones": SiteWorld(
        summary="Somebody clones every second issue as soon as it is there.",
        changed_rules={"clones_every": 2},
    ),
    "moved": SiteWorld(
        summary="Somebody moves every second issue to another project as soon as it is there.",
        changed_rules={"moves_every": 2},
    ),
    "gateway_replay": SiteWorld(
        summary="A gateway sends every fourth creation, from the second, twice.",
        faults=(creation_fault(kind=FaultKind.REPLAYED, nth=2, every=4, times=None),),
    ),
    "late_replay": SiteWorld(
        summary="A gateway sends every fourth creation, from the third, once more 900 s later.",
        faults=(
            creation_fault(kind=FaultKind.LATE_REPLAY, nth=3, every=4, times=None, seconds=900.0),
        ),
    ),
    "wrong_answers": SiteWorld(
        summary="Answers to creations name issues of others, or keys that are far too high.",
        faults=(
            creation_fault(kind=FaultKind.MISNAMED, moment=Moment.AFTER, nth=2),
            creation_fault(kind=FaultKind.MISNUMBERED, nth=3, every=4, times=None),
            creation_fault(kind=FaultKind.MISNAMED, moment=Moment.BEFORE, nth=5),
        ),
    ),
    "security_level": SiteWorld(
        summary="New issues get a security level that hides them from whoever made them.",
        changed_rules={"hides_new_issues": True},
    ),
    "issue_errors": SiteWorld(
        summary="Every second bulk fetch fails for half of its issues.",
        faults=(
            FaultRule(
                kind=FaultKind.ISSUE_ERRORS,
                moment=Moment.AFTER,
                method="POST",
                path=r"/bulkfetch$",
                nth=2,
                every=2,
                times=None,
            ),
        ),
    ),
    "ignored_parent": SiteWorld(
        summary="Parents are taken and never stored.", changed_rules={"ignored_fields": ("parent",)}
    ),
    "localised": SiteWorld(
        summary="Issue types, priorities, link types and fields have German names.",
        changed_rules={"names": GERMAN},
    ),
    "team_managed": SiteWorld(
        summary="Projects are managed by their teams: own issue types, no priority to set.",
        changed_rules={"are_projects_team_managed": True},
    ),
    PLAIN_ERRORS: SiteWorld(
        summary="Refusals come as plain JSON, text, HTML or nothing; some from a gateway.",
        faults=(
            creation_fault(kind=FaultKind.UNAUTHORIZED, nth=2),
            creation_fault(kind=FaultKind.FORBIDDEN, nth=4),
            creation_fault(kind=FaultKind.RATE_LIMITED, nth=3, every=3, times=None, seconds=2.0),
            FaultRule(kind=FaultKind.UNAUTHORIZED, path=READS, nth=3),
        ),
    ),
    "dated_waits": SiteWorld(
        summary="A gateway asks forty times to wait 20 s, once 1,000 s; it names the time as a date.",
        faults=(
            FaultRule(kind=FaultKind.RATE_LIMITED, nth=40, seconds=1_000.0, is_dated=True),
            FaultRule(
                kind=FaultKind.RATE_LIMITED, nth=6, every=7, times=40, seconds=20.0, is_dated=True
            ),
        ),
    ),
    "scoped_token": SiteWorld(
        summary=f"API tokens of {SCOPED_ACCOUNT} have scopes: the gateway alone takes them.",
        changed_rules={"scoped_tokens_of": (SCOPED_ACCOUNT,)},
    ),
    "proxy": SiteWorld(
        summary="A proxy opens no tunnel for every ninth request and loses every fifth creation.",
        faults=(
            FaultRule(kind=FaultKind.PROXY_REFUSED, nth=4, every=9, times=None),
            creation_fault(kind=FaultKind.RESET, moment=Moment.AFTER, nth=3, every=5, times=None),
        ),
    ),
    "rewritten": SiteWorld(
        summary="Documents come back with local ids and layouts, without empty paragraphs, texts joined.",
        changed_rules={"rewrites_documents": True},
    ),
    STILL_LINKS: SiteWorld(summary="Links do not move the time at which an issue was updated."),
    POST_FUNCTION: SiteWorld(
        summary="A workflow adds a paragraph to each new issue; its history does not say so.",
        changed_rules={"adds_at_creation": SITE_WORDS},
    ),
    LAGGING_PARENT: SiteWorld(
        summary="Searches by parent find an issue 900 s after it was created.",
        changed_rules={"parent_lag_seconds": LONG_LAG_SECONDS},
    ),
    "late_429": SiteWorld(
        summary="A gateway answers 429 with a page to writes that Jira has done: every third "
        "creation, from the second, and some files, links and comments.",
        faults=(
            creation_fault(
                kind=FaultKind.HTML, moment=Moment.AFTER, nth=2, every=3, times=None, status=429
            ),
            FaultRule(
                kind=FaultKind.HTML,
                moment=Moment.AFTER,
                method="POST",
                path=r"/(attachments|issueLink|comment)$",
                nth=1,
                every=4,
                times=3,
                status=429,
            ),
        ),
    ),
    "shuffled": SiteWorld(
        summary="Bulk answers come in reverse.",
        faults=(FaultRule(kind=FaultKind.SHUFFLED, path=r"/issue/bulk(fetch)?$", times=None),),
    ),
}
WORLD_NAMES = tuple(sorted(WORLDS))


def rules_in_worlds(rules: UnkindRules, worlds: Sequence[str]) -> UnkindRules:
    changed = {
        name: value for world in worlds for name, value in WORLDS[world].changed_rules.items()
    }
    return rules.model_copy(update=changed) if changed else rules


def faults_in_worlds(worlds: Iterable[str]) -> tuple[FaultRule, ...]:
    return tuple(rule for world in worlds for rule in WORLDS[world].faults)
