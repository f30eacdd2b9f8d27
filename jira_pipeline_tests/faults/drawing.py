"""How a seed gives a schedule.

Belongs here: which events are drawn, and how often. Does not: what they are (`schedules`), every
single fault (`single_faults`).
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from jira_pipeline_tests.faults.schedules import (
    ALL_DELETED,
    ALL_WORLDS,
    COPIED_SITE,
    HANDMADE,
    NO_TICKET,
    PEOPLE_WORLDS,
    SITE_WORLDS,
    SMALL_COUNT,
    TICKET_COUNTS,
    WORLDS,
    Act,
    AnotherAccount,
    AtHome,
    ClockJump,
    Deleted,
    Dependencies,
    Event,
    HomeAct,
    InWorld,
    LifeWorld,
    Meanwhile,
    Named,
    OtherSite,
    Pair,
    ProcessEnd,
    RolledBack,
    Schedule,
    SecondExport,
    SiteAct,
    Standstill,
    Step,
    StoreFault,
    StoreTrouble,
    Verb,
)
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultRule, Moment
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import (
    LAGGING_PARENT,
    POST_FUNCTION,
    STILL_LINKS,
)

BATCH_SIZES = (1, 1, 50, 3)
REQUESTS_MAX = 90
"""A run without a fault sends about 50 to 80 requests, by its number of tickets."""
WRITES_MAX = 60
"""And writes about as many entries into the ledger."""
CREATIONS_MAX = 10
STORE_WRITES_MAX = 130
LATE_CREATIONS = (2, 5, 8)
"""Of the world `late_commits`."""
CLOCK_JUMPS_SECONDS = (-86_400.0, -700.0, 700.0, 86_400.0)
JUMPS_MAX = 50
"""Beyond lie files and links, for which no clock matters."""

CREATION = r"/rest/api/3/issue(/bulk)?$"
FILE = r"/attachments$"
LINK = r"/issueLink$"
FETCH = r"/issue/bulkfetch$"
SEARCH = r"/search/jql$"

LOST: tuple[tuple[FaultKind, Moment], ...] = (
    (FaultKind.CONNECTION_REFUSED, Moment.BEFORE),
    (FaultKind.CONNECT_TIMEOUT, Moment.BEFORE),
    (FaultKind.PROXY_REFUSED, Moment.BEFORE),
    *((kind, moment) for kind in (FaultKind.RESET, FaultKind.TIMEOUT) for moment in Moment),
    (FaultKind.DISCONNECT, Moment.AFTER),
    (FaultKind.SERVER_ERROR, Moment.BEFORE),
    (FaultKind.SERVER_ERROR, Moment.AFTER),
    (FaultKind.HTML, Moment.BEFORE),
    (FaultKind.HTML, Moment.AFTER),
    (FaultKind.REDIRECT, Moment.AFTER),
    (FaultKind.TRUNCATED, Moment.AFTER),
    (FaultKind.RATE_LIMITED, Moment.BEFORE),
    (FaultKind.UNAUTHORIZED, Moment.BEFORE),
    (FaultKind.FORBIDDEN, Moment.BEFORE),
    (FaultKind.NOT_FOUND, Moment.BEFORE),
)
"""What may happen to any request."""
OF_CREATIONS = (
    *((FaultKind.DELAYED_COMMIT, Moment.AFTER),) * 5,
    (FaultKind.DROPPED_PROPERTIES, Moment.BEFORE),
    (FaultKind.REPLAYED, Moment.AFTER),
    (FaultKind.LATE_REPLAY, Moment.AFTER),
    (FaultKind.MISNUMBERED, Moment.AFTER),
    *((FaultKind.MISNAMED, moment) for moment in Moment),
)
"""A late commit is the hardest: there is nothing to be found until it is there."""
OF_WRITES = ((FaultKind.DELAYED_COMMIT, Moment.AFTER), (FaultKind.REPLAYED, Moment.AFTER))
OF_READS = (
    (FaultKind.ISSUE_ERRORS, Moment.AFTER),
    (FaultKind.SHUFFLED, Moment.AFTER),
    (FaultKind.ANONYMOUS, Moment.BEFORE),
    (FaultKind.DROPPED_PROPERTIES, Moment.AFTER),
)
Targets = Sequence[tuple[str, str | None, int, Sequence[tuple[FaultKind, Moment]]]]
"""Method, path, how many such requests there are at most, what may happen to one."""
TARGETS: Targets = (
    ("POST", CREATION, 12, (*LOST, *OF_CREATIONS)),
    ("POST", CREATION, 4, (*LOST, *OF_CREATIONS)),
    ("POST", FILE, 3, (*LOST, *OF_WRITES)),
    ("POST", LINK, 9, (*LOST, *OF_WRITES)),
    ("POST", FETCH, 6, (*LOST, *OF_READS)),
    ("POST", SEARCH, 6, (*LOST, *OF_READS)),
    ("", None, REQUESTS_MAX, LOST),
)


LIMIT_REASONS = (
    *("jira-quota-global-based", "jira-quota-tenant-based"),
    *("jira-burst-based", "jira-per-issue-on-write"),
)


def draw_schedule(seed: int, *, world: str | None = None) -> Schedule:
    """Draw the schedule of a seed; a given world is there in any case."""
    dice = random.Random(seed)  # noqa: S311 - a schedule, not a secret
    worlds = _draw_worlds(dice, seed)
    if world is not None:
        worlds = (world,)
    if worlds and worlds[0] == LifeWorld.WORDS_AT_HOME:
        return _draw_life_at_home(dice, seed=seed)
    if worlds and worlds[0] in set(LifeWorld):
        return _draw_life(dice, LifeWorld(worlds[0]), seed=seed)
    ticket_count = dice.choice(TICKET_COUNTS)
    batch_size = dice.choice(BATCH_SIZES)
    downtime_seconds = dice.choice((1.0, 30.0, 250.0, 1_000.0))
    faults = tuple(draw_fault(dice, TARGETS) for _ in range(dice.choice((0, 1, 1, 2, 3))))
    ends = tuple(_draw_end(dice) for _ in range(dice.choice((0, 1, 1, 2))))
    late = [
        rule.nth
        for rule in faults
        if rule.kind is FaultKind.DELAYED_COMMIT and rule.path == CREATION
    ]
    late += [dice.choice(LATE_CREATIONS)] if "late_commits" in worlds else []
    return Schedule(
        seed=seed,
        ticket_count=ticket_count,
        batch_size=batch_size,
        downtime_seconds=downtime_seconds,
        events=(
            *(_world(dice, name) for name in worlds),
            *faults,
            *ends,
            *_draw_rare(dice, late=late),
        ),
    )


def _draw_worlds(dice: random.Random, seed: int) -> tuple[str, ...]:
    """Take the worlds in turn, so that any run of seeds meets all; sometimes none, sometimes two."""
    places = (None, *ALL_WORLDS, None, LifeWorld.WORDS_AT_HOME)
    first = places[seed % len(places)]
    second = dice.choice(WORLDS) if dice.random() < 0.15 else None
    return tuple(dict.fromkeys(name for name in (first, second) if name is not None))


def _world(dice: random.Random, name: str) -> InWorld | Deleted | OtherSite:
    if name in SITE_WORLDS:
        return OtherSite(is_copy=name == COPIED_SITE)
    if name not in PEOPLE_WORLDS:
        return InWorld(name=name)
    number = dice.randint(1, 2 * REQUESTS_MAX)
    return Deleted(request_number=number, is_all=name == ALL_DELETED)


def draw_fault(dice: random.Random, targets: Targets) -> FaultRule:
    method, path, count, kinds = dice.choice(targets)
    kind, moment = dice.choice(kinds)
    seconds = {
        FaultKind.RATE_LIMITED: dice.choice((1.0, 7.0, 20.0, 3_000.0)),
        FaultKind.DELAYED_COMMIT: dice.choice((5.0, 60.0, 200.0, 500.0)),
    }.get(kind, 60.0)
    status = {
        FaultKind.SERVER_ERROR: dice.choice((500, 502, 503, 504)),
        FaultKind.HTML: dice.choice((200, 201, 404, 408, 409, 429, 502)),
    }.get(kind)
    number = dice.randint(1, count)
    if path is None:
        where: dict[str, object] = {"request_number": number}
    else:
        where = {"method": method, "path": path, "nth": number}
    reason = dice.choice(LIMIT_REASONS)
    known = {"kind": kind, "moment": moment, "seconds": seconds, "status": status}
    return FaultRule.model_validate({**known, "reason": reason, **where})


def _draw_end(dice: random.Random) -> ProcessEnd:
    point, count = dice.choice(
        (("write", WRITES_MAX), ("request", REQUESTS_MAX), ("creation", CREATIONS_MAX))
    )
    return ProcessEnd(point=point, number=dice.randint(1, count), moment=dice.choice(tuple(Moment)))


def _draw_rare(dice: random.Random, *, late: Sequence[int]) -> tuple[Event, ...]:
    """Draw what is seldom: a backup is restored, a clock is set, the store fails, two export.

    `late` numbers creations that are committed late, where the clock is set nearly always.
    """
    events: list[Event] = []
    if dice.random() < 0.125:
        events.append(RolledBack(restart=1, writes=dice.randint(1, 5)))
    if dice.random() < (0.9 if late else 0.4):
        events.append(_draw_jump(dice, late))
    if dice.random() < 0.15:
        events.append(_draw_store_fault(dice))
    if dice.random() < 0.1:
        events.append(SecondExport(request_number=dice.randint(1, REQUESTS_MAX)))
    if dice.random() < 0.1:
        events.append(Standstill(write=dice.randint(1, WRITES_MAX)))
    return tuple(events)


def _draw_jump(dice: random.Random, late: Sequence[int]) -> ClockJump:
    """Set the clock at any request, or just after what is committed late, and mostly forward.

    Only then a deadline that counts the clock on the wall ends too soon.
    """
    if not late:
        return ClockJump(
            point="request",
            number=dice.randint(1, JUMPS_MAX),
            seconds=dice.choice(CLOCK_JUMPS_SECONDS),
        )
    return ClockJump(
        point="creation",
        number=dice.choice(late) + dice.randint(0, 2),
        seconds=dice.choice((700.0, 86_400.0, 86_400.0, -700.0)),
    )


def _draw_store_fault(dice: random.Random) -> StoreFault:
    trouble = dice.choice(tuple(StoreTrouble))
    return StoreFault(
        write=dice.randint(1, STORE_WRITES_MAX),
        trouble=trouble,
        times=dice.choice((1, 1, 2, 4)) if trouble is StoreTrouble.FULL else 1,
    )


EXPORT, UNDO = Step(verb=Verb.EXPORT), Step(verb=Verb.UNDO)
ADOPT, GIVE_BACK = Step(verb=Verb.ADOPT), Step(verb=Verb.GIVE_BACK)
UPDATE, OTHER, TURNED, NONE = (Step(verb=Verb.UPDATE, dependencies=kind) for kind in Dependencies)
LIVES: Mapping[LifeWorld, Sequence[tuple[Step, ...]]] = {
    LifeWorld.RESTORED_SITE: (
        (EXPORT, UNDO, EXPORT),
        (EXPORT, UNDO, EXPORT, UPDATE),
        (EXPORT, UPDATE, UNDO, EXPORT),
        (EXPORT, UNDO, EXPORT, UNDO, EXPORT),
        (EXPORT, UPDATE, UPDATE),
    ),
    LifeWorld.HOLLOW_DELETIONS: (
        (EXPORT, UNDO, EXPORT),
        (EXPORT, UNDO, EXPORT, UPDATE),
        (EXPORT, UPDATE, UNDO, EXPORT),
    ),
    LifeWorld.HIDDEN_ISSUES: (
        (EXPORT, UNDO, EXPORT),
        (EXPORT, UNDO, EXPORT, EXPORT),
        (EXPORT, UPDATE, UNDO, EXPORT, UPDATE),
        (EXPORT, UPDATE, UPDATE),
    ),
    LifeWorld.OTHER_ACCOUNT: (
        (EXPORT, UPDATE),
        (EXPORT, UPDATE, UNDO),
        (EXPORT, OTHER, UPDATE),
        (EXPORT, UNDO, EXPORT),
    ),
    LifeWorld.PROPERTY_CLONES: (
        (EXPORT, UNDO, EXPORT, UPDATE, UNDO),
        (EXPORT, UPDATE, UNDO, EXPORT),
        (EXPORT, UPDATE, UNDO),
    ),
    LifeWorld.LINKS_OF_PEOPLE: ((EXPORT, NONE), (EXPORT, TURNED), (EXPORT, OTHER, NONE)),
    LifeWorld.TURNED_DEPENDENCIES: (
        (EXPORT, TURNED),
        (EXPORT, TURNED, UPDATE),
        (EXPORT, OTHER, TURNED),
        (EXPORT, TURNED, UNDO),
    ),
    LifeWorld.RESTRICTED_COMMENTS: ((EXPORT, UPDATE), (EXPORT, UPDATE, UPDATE)),
    LifeWorld.HURRIED_LINKS: ((EXPORT, UNDO),),
    LifeWorld.OWN_HANDS: ((EXPORT, UNDO), (EXPORT, UPDATE, UNDO)),
    LifeWorld.HANDMADE_ISSUES: (
        (ADOPT, EXPORT, UPDATE),
        (ADOPT, EXPORT, UPDATE, UPDATE),
        (ADOPT, EXPORT, UNDO),
        (ADOPT, EXPORT, UPDATE, UNDO, EXPORT),
        (ADOPT, ADOPT, EXPORT, UPDATE),
        (ADOPT, EXPORT, GIVE_BACK, EXPORT, UPDATE),
        (ADOPT, GIVE_BACK, ADOPT, EXPORT, UPDATE),
        (ADOPT, EXPORT, UPDATE, GIVE_BACK, ADOPT, UPDATE),
        (EXPORT, ADOPT, UPDATE),
        (EXPORT, UNDO, ADOPT, EXPORT, UPDATE),
    ),
    LifeWorld.TEXT_OF_THE_SITE: (
        (EXPORT, UPDATE),
        (EXPORT, UPDATE, UPDATE),
        (EXPORT, UPDATE, UNDO, EXPORT, UPDATE),
    ),
    LifeWorld.EDITED_BATCHES: (
        (EXPORT, UPDATE),
        (EXPORT, UPDATE, UPDATE),
        (EXPORT, OTHER, UPDATE),
        (EXPORT, UPDATE, UNDO),
    ),
    LifeWorld.NEW_CHILD: ((EXPORT, UNDO), (EXPORT, UPDATE, UNDO), (EXPORT, UNDO, EXPORT, UNDO)),
}
SAID_AT_HOME = (
    *(HomeAct.EDIT_IN_JIRA, HomeAct.COMMENT_IN_JIRA, HomeAct.COMMENT, HomeAct.NOTE),
    *(HomeAct.RETITLE, HomeAct.ANSWER, HomeAct.ANSWER, HomeAct.CLIENT_ANSWERS),
    *(HomeAct.CLIENT_ANSWERS, HomeAct.REQUEST_CHANGES),
)
DONE_AT_HOME = (
    *(HomeAct.TAKE_OVER, HomeAct.RESOLVE, HomeAct.UPLOAD_AGAIN, HomeAct.UPLOAD_CHANGED),
    *(HomeAct.UPLOAD_RENAMED, HomeAct.EXPORT, HomeAct.UPDATE, HomeAct.UPDATE, HomeAct.UNDO),
    *(HomeAct.RETENTION, HomeAct.RETENTION, HomeAct.DAGSTER_DELETED, HomeAct.DAGSTER_DELETED),
    HomeAct.FINISH,
)
REMOVED_AND_BACK = (
    *(HomeAct.RESOLVE, HomeAct.UPDATE, HomeAct.FINISH, HomeAct.RETENTION),
    *(HomeAct.UPLOAD_AGAIN, HomeAct.UPDATE),
)
FORGOTTEN_INBOX = (HomeAct.UPLOAD_CHANGED, HomeAct.DAGSTER_DELETED)
"""The inbox has older sheets than the session, and Dagster knows its folder no longer."""
FORGETTING = 0.2
RETURNING = 0.4
"""How often a session ends with its removal and its return."""
DELETION = r"/issue/[0-9]+$"
STEP_REQUESTS: Mapping[Verb, int] = {
    Verb.EXPORT: 50,
    Verb.UPDATE: 60,
    Verb.UNDO: 30,
    Verb.ADOPT: 22,
    Verb.GIVE_BACK: 12,
}
"""About what a step of three tickets sends."""
NAMED, WRONG = 0.6, 0.2
"""How often a ticket is named in an adoption, and how often for any issue at all."""
HANDMADE_ACTS = (
    *(Act.EDIT, Act.EDIT, Act.RENAME, Act.CLONE, Act.CLONE, Act.STRIP_MARKER, Act.MOVE, Act.DELETE),
    *(Act.COMMENT, Act.ADD_LINK, Act.ADD_FILE, Act.LOG_WORK, Act.EDIT_AS_US),
    *(Act.BEFORE_US, Act.AFTER_US, Act.AFTER_LOOK, Act.AMONG_OURS),
)
OTHERS_ACTS = (Act.EDIT, Act.COMMENT, Act.ADD_LINK, Act.LOG_WORK, Act.ADD_FILE)


def _draw_life(dice: random.Random, world: LifeWorld, *, seed: int) -> Schedule:
    """Draw the steps of a life, what makes it one of its world, and what happens besides."""
    steps = tuple(_naming(dice, step) for step in dice.choice(LIVES[world]))
    requests = sum(STEP_REQUESTS[step.verb] for step in steps)
    is_crashing = world in {
        LifeWorld.OTHER_ACCOUNT,
        LifeWorld.LINKS_OF_PEOPLE,
        LifeWorld.HANDMADE_ISSUES,
        LifeWorld.EDITED_BATCHES,
    }
    ends = dice.choice((0, 1, 1, 2) if is_crashing else (0, 0, 1))
    faults = dice.choice((0, 0, 1))
    return Schedule(
        seed=seed,
        life=world,
        steps=steps,
        ticket_count=SMALL_COUNT,
        downtime_seconds=dice.choice((1.0, 250.0)),
        events=(
            *OF_LIVES[world](dice, steps),
            *(
                _in_step(
                    dice, steps, dice.choice(OTHERS_ACTS), step=dice.randint(1, len(steps) - 1)
                )
                for _ in range(dice.choice((0, 0, 1, 2)))
            ),
            *(_end_in_life(dice, requests) for _ in range(ends)),
            *(_fault_in_life(dice, requests) for _ in range(faults)),
        ),
    )


def _draw_life_at_home(dice: random.Random, *, seed: int) -> Schedule:
    """Draw what people say, mostly, and what the program does between."""
    said = [dice.choice(SAID_AT_HOME) for _ in range(dice.randint(2, 5))]
    done = [dice.choice(DONE_AT_HOME) for _ in range(dice.randint(2, 5))]
    acts = [*said, *done]
    dice.shuffle(acts)
    events = [AtHome(what=act, ticket=_ticket(dice)) for act in acts]
    if dice.random() < FORGETTING:
        events += (AtHome(what=act, ticket=_ticket(dice)) for act in FORGOTTEN_INBOX)
    if dice.random() < RETURNING:
        ticket = dice.choice((2, SMALL_COUNT))  # many nights
        events += (AtHome(what=act, ticket=ticket) for act in REMOVED_AND_BACK)
    return Schedule(
        seed=seed,
        life=LifeWorld.WORDS_AT_HOME,
        ticket_count=SMALL_COUNT,
        downtime_seconds=0.0,
        events=tuple(events),
    )


def _naming(dice: random.Random, step: Step) -> Step:
    """Name issues for tickets where a step wants some: mostly right ones, now and then wrong."""
    if step.verb not in {Verb.ADOPT, Verb.GIVE_BACK}:
        return step
    names: list[int | Named] = dice.sample(HANDMADE, SMALL_COUNT)
    pairs: list[Pair] = [
        (ticket, dice.choice((*HANDMADE, *Named)) if dice.random() < WRONG else name)
        for ticket, name in enumerate(names, start=1)
        if dice.random() < NAMED
    ]
    if step.verb is Verb.ADOPT and dice.random() < WRONG:
        pairs.append((NO_TICKET, dice.choice(HANDMADE)))
    return replace(step, pairs=tuple(pairs) or ((1, names[0]),))


def _end_in_life(dice: random.Random, requests: int) -> ProcessEnd:
    moment = dice.choice(tuple(Moment))
    return ProcessEnd(point="request", number=dice.randint(1, requests), moment=moment)


def _fault_in_life(dice: random.Random, requests: int) -> FaultRule:
    kind, moment = dice.choice((*LOST, *OF_WRITES[:1]))
    return FaultRule(kind=kind, moment=moment, request_number=dice.randint(1, requests))


def _undo_in(steps: Sequence[Step]) -> int:
    """Return the place of the first undo; where there is none, of the last step."""
    places = [place for place, step in enumerate(steps) if step.verb is Verb.UNDO]
    return places[0] if places else len(steps) - 1


def _ticket(dice: random.Random) -> int:
    return dice.randint(1, SMALL_COUNT)


def _restored(dice: random.Random, steps: Sequence[Step]) -> Iterator[Event]:
    restored = dice.randint(2, len(steps) - 1)
    yield Meanwhile(what=SiteAct.BACK_UP, step=dice.randint(1, restored - 1))
    yield Meanwhile(what=SiteAct.RESTORE, step=restored)


def _hollow(dice: random.Random, _steps: Sequence[Step]) -> Iterator[Event]:
    yield _at_deletion(FaultKind.HOLLOW, Moment.BEFORE, dice.randint(1, SMALL_COUNT))


def _hidden(dice: random.Random, steps: Sequence[Step]) -> Iterator[Event]:
    """Hide an issue as its deletion is lost, or at any time; show it again before a later step."""
    ticket, hidden = _ticket(dice), _undo_in(steps)
    if steps[hidden].verb is Verb.UNDO and dice.random() < 0.7:
        deletion = SMALL_COUNT + 1 - ticket  # the newest goes first
        yield _at_deletion(FaultKind.TIMEOUT, dice.choice(tuple(Moment)), deletion)
        yield Meanwhile(what=SiteAct.HIDE, step=hidden, ticket=ticket, deletion=deletion)
    else:
        hidden = dice.randint(1, len(steps) - 1)
        yield _in_step(dice, steps, SiteAct.HIDE, step=hidden, ticket=ticket)
    if hidden + 1 < len(steps) and dice.random() < 0.8:
        shown = dice.randint(hidden + 1, len(steps) - 1)
        yield Meanwhile(what=SiteAct.SHOW, step=shown, ticket=ticket)


def _other_account(dice: random.Random, steps: Sequence[Step]) -> Iterator[Event]:
    """Exchange the token at any process; half of the time where one died right after a comment."""
    yield Meanwhile(what=Act.EDIT, step=1, ticket=_ticket(dice))
    if dice.random() < 0.5 and steps[1].verb is Verb.UPDATE:
        yield ProcessEnd(point="comment", number=1, moment=Moment.AFTER)
        yield AnotherAccount(process=3)
    else:
        yield AnotherAccount(process=dice.randint(2, len(steps) + 1))
    if dice.random() < 0.3:
        yield AnotherAccount(process=len(steps) + 2)


def _clones(dice: random.Random, steps: Sequence[Step]) -> Iterator[Event]:
    step = dice.randint(1, _undo_in(steps))
    yield Meanwhile(what=Act.CLONE, step=step, ticket=_ticket(dice))


def _links_of_people(dice: random.Random, steps: Sequence[Step]) -> Iterator[Event]:
    yield _in_step(dice, steps, Act.ADD_WANTED_LINK, step=0, ticket=SMALL_COUNT)


def _turned(_dice: random.Random, _steps: Sequence[Step]) -> Iterator[Event]:
    yield from ()


def _restricted(dice: random.Random, steps: Sequence[Step]) -> Iterator[Event]:
    ticket = _ticket(dice)
    yield Meanwhile(what=Act.EDIT, step=1, ticket=ticket)
    yield _in_step(dice, steps, Act.COMMENT_FOR_SOME, step=1, ticket=ticket)


def _hurried(dice: random.Random, steps: Sequence[Step]) -> Iterator[Event]:
    act = dice.choice((Act.ADD_LINK, Act.ADD_FOREIGN_LINK, Act.ADD_FOREIGN_LINK))
    yield InWorld(name=STILL_LINKS)
    yield _in_step(dice, steps, act, step=_undo_in(steps), ticket=_ticket(dice))


def _own_hands(dice: random.Random, steps: Sequence[Step]) -> Iterator[Event]:
    """The first ticket has a sprint and a parent that we set: nobody could tell these apart."""
    act = dice.choice((Act.SPRINT_AS_US, Act.PARENT_AS_US, Act.LINK_AS_US))
    step, ticket = dice.randint(1, _undo_in(steps)), dice.randint(2, SMALL_COUNT)
    yield Meanwhile(what=act, step=step, ticket=ticket)


def _handmade(dice: random.Random, steps: Sequence[Step]) -> Iterator[Event]:
    """People work with the issues they made, before and after these are a ticket's."""
    for _act in range(dice.choice((0, 1, 2, 3))):
        yield _in_step(
            dice,
            steps,
            dice.choice(HANDMADE_ACTS),
            step=dice.randrange(len(steps)),
            ticket=dice.choice(HANDMADE),
        )
    requests = sum(STEP_REQUESTS[step.verb] for step in steps)
    if dice.random() < 0.2:
        yield SecondExport(request_number=dice.randint(1, requests))
    if dice.random() < 0.1:
        yield Standstill(write=dice.randint(1, WRITES_MAX))


def _text_of_the_site(_dice: random.Random, _steps: Sequence[Step]) -> Iterator[Event]:
    yield InWorld(name=POST_FUNCTION)


def _edited_batches(dice: random.Random, steps: Sequence[Step]) -> Iterator[Event]:
    """Edit one to three issues around our writes of their texts; half of the time, a request fails."""
    for _edit in range(dice.choice((1, 1, 2, 3))):
        act = dice.choice((Act.AFTER_LOOK, Act.AMONG_OURS))
        step = dice.choice([at for at, step in enumerate(steps) if step.verb is Verb.UPDATE])
        yield Meanwhile(what=act, step=step, ticket=_ticket(dice))
    if dice.random() < 0.5:
        yield _fault_in_life(dice, sum(STEP_REQUESTS[step.verb] for step in steps))


def _new_child(dice: random.Random, steps: Sequence[Step]) -> Iterator[Event]:
    yield InWorld(name=LAGGING_PARENT)
    yield _in_step(dice, steps, Act.ADD_CHILD, step=_undo_in(steps))


OF_LIVES: Mapping[LifeWorld, Callable[[random.Random, Sequence[Step]], Iterator[Event]]] = {
    LifeWorld.RESTORED_SITE: _restored,
    LifeWorld.HOLLOW_DELETIONS: _hollow,
    LifeWorld.HIDDEN_ISSUES: _hidden,
    LifeWorld.OTHER_ACCOUNT: _other_account,
    LifeWorld.PROPERTY_CLONES: _clones,
    LifeWorld.LINKS_OF_PEOPLE: _links_of_people,
    LifeWorld.TURNED_DEPENDENCIES: _turned,
    LifeWorld.RESTRICTED_COMMENTS: _restricted,
    LifeWorld.HURRIED_LINKS: _hurried,
    LifeWorld.OWN_HANDS: _own_hands,
    LifeWorld.HANDMADE_ISSUES: _handmade,
    LifeWorld.TEXT_OF_THE_SITE: _text_of_the_site,
    LifeWorld.EDITED_BATCHES: _edited_batches,
    LifeWorld.NEW_CHILD: _new_child,
}
"""What makes a life one of its world."""


def _at_deletion(kind: FaultKind, moment: Moment, nth: int) -> FaultRule:
    return FaultRule(kind=kind, moment=moment, method="DELETE", path=DELETION, nth=nth)


def _in_step(
    dice: random.Random, steps: Sequence[Step], what: Act | SiteAct, *, step: int, ticket: int = 0
) -> Meanwhile:
    """Let something happen before any request of a step, to any ticket or this one."""
    return Meanwhile(
        what=what,
        step=step,
        ticket=ticket or _ticket(dice),
        request=dice.randint(0, STEP_REQUESTS[steps[step].verb]),
    )
