"""The user story: one sentence with role, wish and benefit, then the description as it is.

Belongs here: which role, wish and benefit a kind of group has. Free text never enters the
sentence: names do, and the description is quoted whole after it.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from jira_pipeline.domain.entities import (
    MENU,
    BundleType,
    Entity,
    EntityKind,
    RowSource,
    Status,
    sheet_noun,
)
from jira_pipeline.domain.entity_groups import GroupAction, GroupKind
from jira_pipeline.domain.lexicon import lexicon, word_list
from jira_pipeline.domain.note_sentences import is_sentence, sentences_of
from jira_pipeline.domain.questions.question_index import (
    is_machine_name_given,
    name_of,
    once_per_session,
    stems_of,
)
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.domain.role_notes import BYPASSING_ROLE, names_all_people, roles_named_in
from jira_pipeline.domain.view_displays import is_as_shipped
from jira_pipeline.writers.analysis import POINT_WORDS_MIN, done_first
from jira_pipeline.writers.display_rows import states_meant
from jira_pipeline.writers.english import (
    bundle_noun,
    count_of,
    kinds_named,
    listed,
    plural,
    with_noun,
)
from jira_pipeline.writers.fragments import paragraph, quotation, quoted_note, text
from jira_pipeline.writers.group_facts import (
    FORMS,
    GroupFacts,
    SessionFacts,
    allowed_roles,
    note_sentences,
    transitions_of,
)
from jira_pipeline.writers.migration_runs import (
    migration_of,
    redirected_runs,
    runs_filling,
    runs_reading,
    schedule_of,
)
from jira_pipeline.writers.shown_view import WITH_PERMISSION, shown_view, views_listing

Story = tuple[str, str, str]
"""Role with article, wish and benefit, as plain text; the benefit is empty where none is known."""
WORDS_MAX = 60
"""Of the sentence. Source: shared facts on writers, "What good ticket text is"."""
EDITOR = "an editor"
OWNER = "a site owner"
"""Who wants what nobody knows the maker of, or what no person works with."""
_UNNAMED = (EDITOR, WITH_PERMISSION)
_ONLY = re.compile(r"\bonly\b", re.IGNORECASE)
_GONE = frozenset({Status.DELETED, Status.WAITING})


def user_story(facts: GroupFacts) -> str:
    """Return the story as one paragraph, with the description of the head where no check has it.

    Of a view without a benefit it is that too.
    """
    sentence, description = _sentence_and_description(facts)
    story = text(sentence)
    is_aim = facts.group.kind is GroupKind.VIEW and ", so that " not in sentence
    if description and (is_aim or not described_in_checks(facts)):
        story += f" Description: {quoted_note(description)}."
    return paragraph(story)


def described_in_checks(facts: GroupFacts) -> str:
    """Return a description that can be tried: a limit, or what a view lists, where and how."""
    _, description = _sentence_and_description(facts)
    settled = [
        s
        for s in sentences_of(description)
        if not is_open(s) and not facts.is_asked_of(facts.head, s)
    ]
    if len(settled) < len(sentences_of(description)):
        description = " ".join(settled)
    is_view = facts.group.kind is GroupKind.VIEW
    is_checked = bool(lexicon().demanding.search(description))
    is_checked |= is_view and not lexicon().plain_lists.match(description)
    kinds = {GroupKind.VIEW, GroupKind.BUNDLE}
    is_tried = facts.group.kind in kinds and not facts.group.is_hollow
    return description if is_checked and is_tried else ""


def _sentence_and_description(facts: GroupFacts) -> tuple[str, str]:
    """Return the story, and the description of the head as far as it says more."""
    is_removal = facts.group.action is GroupAction.REMOVE
    write = _removal if is_removal else _STORIES[facts.group.kind]
    sentence = ""
    for names in (3, 2, 1):
        role, wish, benefit = write(facts, names)
        sentence = f"As {role}, I want {wish}{f', so that {benefit}' if benefit else ''}."
        if len(sentence.split()) <= WORDS_MAX:
            break
    if is_removal or len(facts.group.heads) != 1:
        return sentence, ""
    description = facts.head.cell("Description")
    known = stems_of(f"{sentence} {' '.join(word_list('listing_words') - {'on'})}")
    # a place, `On the member page`, is more than the story
    return sentence, description if stems_of(description) - known else ""


_THINGS: Mapping[BundleType | None, str] = {
    BundleType.CONTENT: "content",
    BundleType.PARAGRAPH: "paragraphs",
    BundleType.VOCABULARY: "terms",
    BundleType.MEDIA: "media",
    BundleType.BLOCK: "blocks",
    BundleType.WEBFORM: "submissions",
}
"""What people create of a bundle."""
_BENEFITS: Mapping[BundleType | None, str] = {
    BundleType.CONTENT: "{users} can show {them}",
    BundleType.PARAGRAPH: "{users} can show {them}",
    BundleType.VOCABULARY: "I can classify {users} with {them}",
    BundleType.MEDIA: "I can reuse {them} in {users}",
    BundleType.BLOCK: "{users} can show {them}",
    BundleType.WEBFORM: "{users} can use {them}",
    None: "{users} can use {them}",
}
"""The benefit where somebody uses the bundle; where the sheets name nobody there is none."""


def _bundle(facts: GroupFacts, names: int) -> Story:
    kind = facts.head.bundle_type
    things = with_noun(facts.name, "item") if kind is None else _with_things(facts.name, kind)
    is_mass = kind in {BundleType.CONTENT, BundleType.MEDIA, None}
    benefit = _benefit(facts, names, them="it" if is_mass else "them")
    sentences = [s for s in head_sentences(facts.head) if not is_open(s)]
    if facts.is_webform and facts.group.action is not GroupAction.UPDATE:
        return _sender(facts), f"to fill in and send the form “{facts.name}”", ""
    if facts.is_webform:
        things = f"the form “{facts.name}”"
    who = _role(facts, facts.head)
    is_brought = any(map(lexicon().not_by_hand.search, sentences))
    is_brought = is_brought or (who in _UNNAMED and _is_fed(facts))
    if facts.group.action is GroupAction.CREATE and is_brought:
        made = _THINGS.get(kind, "items")
        wish = f"the {with_noun(facts.name, bundle_noun(kind))} for {made}"
        them = "it" if is_mass else "them"
        return OWNER, f"{wish} from its source", f"nobody has to enter {them} by hand"
    if facts.group.action is not GroupAction.UPDATE:
        makers = _makers(facts.head, facts)
        is_given = bool(makers) and who == with_role([role for role, _ in makers])
        is_edited = is_given and all(_EDITED.match(deed) for _, deeds in makers for deed in deeds)
        wish = f"to {'maintain' if is_edited else 'create and maintain'} {things}"
        if who == OWNER:
            wish = f"the {with_noun(facts.name, bundle_noun(kind))}"
        return who, wish, benefit
    there = {name_of(row) for row in facts.with_status(Status.CHANGED)}
    labels = [n for n in dict.fromkeys(map(name_of, facts.to_build)) if n not in there]
    changed = [n for n in dict.fromkeys(map(name_of, facts.to_build)) if n in there]
    wishes = []
    if labels:
        noun = "new field" if len(labels) > names + 2 else "field"
        wishes.append(_named_or_counted(labels, noun, at_most=names + 1, where=""))
    if changed:
        wishes.append(_named_or_counted(changed, "changed field", at_most=names + 1, where=""))
    who = _sender(facts) if facts.is_webform else who
    if not wishes and (leaving := facts.with_status(Status.DELETED)):
        gone = _named_or_counted([*map(name_of, leaving)], "field", at_most=names + 1, where="")
        return who, f"{gone} removed from {things}{_as_noted(facts, leaving)}", ""
    if not wishes:
        noun = "form" if facts.is_webform else bundle_noun(kind)
        return who, f"the changed {noun} {facts.name}{_as_noted(facts, ())}", ""
    noted = "" if labels else _as_noted(facts, [r for r in facts.to_build if name_of(r) in there])
    both = ", and ".join(wishes) if " and " in wishes[0] else listed(wishes)
    return who, f"{both} {'in' if facts.is_webform else 'on'} {things}{noted}", _use_in_view(facts)


def _use_in_view(facts: GroupFacts) -> str:
    """Return the benefit of new or changed fields that a view of another ticket names."""
    naming = _views_by_field(facts.session)
    views = Counter(view for row in facts.to_build for view in naming.get(row.source, ()))
    for view, _ in views.most_common(1):
        used = [name_of(row) for row in facts.to_build if view in naming.get(row.source, ())]
        return f"the view “{view}” can use {listed(list(dict.fromkeys(used)), at_most=3)}"
    return ""


@once_per_session
def _views_by_field(session: SessionFacts) -> Mapping[RowSource, Sequence[str]]:
    """Return the views to build that name a field of what they list, by the row of the field."""
    found: dict[RowSource, list[str]] = {}
    for group in session.in_order:
        if group.kind is GroupKind.VIEW and group.action is not GroupAction.REMOVE:
            for field, _, _ in shown_view(GroupFacts(group=group, session=session)).fields.named:
                found.setdefault(field.source, []).append(group.label)
    return found


def _as_noted(facts: GroupFacts, rows: Sequence[Entity]) -> str:
    """Quote what the note of the one row says of its change, or that of the head, if it is short."""
    said = [(facts.head, sentence) for sentence in note_sentences(facts.head)]
    if rows:
        label = re.compile(rf"(?<!\w){re.escape(name_of(rows[0]))}s?(?!\w)", re.IGNORECASE)
        own = [(rows[0], sentence) for sentence in note_sentences(rows[0])]
        changing = [
            (r, s) for r, s in own if r.status is Status.DELETED or lexicon().changing.search(s)
        ]
        said = [*changing, *((head, s) for head, s in said if label.search(s))]
    else:
        said.sort(key=lambda noted: not lexicon().changing.search(noted[1]))
    first = done_first(facts)
    for row, sentence in () if rows[1:] else [pair for pair in said if pair not in first]:
        is_short = POINT_WORDS_MIN <= len(sentence.split()) <= _CHANGE_WORDS_MAX
        if is_short and not is_open(sentence) and not facts.is_asked_of(row, sentence):
            return f", as noted: {quotation(sentence)}"
    return ""


_CHANGE_WORDS_MAX = 20


def _is_fed(facts: GroupFacts) -> bool:
    """Tell whether a migration fills a bundle again and again, and no workflow awaits editors."""
    runs = runs_filling(facts.session).get(facts.head.key, ())
    is_run_again = any(run.status is not Status.WAITING and schedule_of(run) for run in runs)
    return is_run_again and not facts.session.index.workflow_of(facts.head)


def _named_or_counted(
    labels: Sequence[str], noun: str, *, at_most: int, where: str = " of the table"
) -> str:
    """Name a few things and count many, which the table lists; `A, B and two more` is neither."""
    if len(labels) > at_most + 1:
        return f"the {count_of(len(labels), noun)}{where}"
    quoted = [f"“{label}”" if re.search(r",| and ", label) else label for label in labels]
    return f"the {noun if len(labels) == 1 else plural(noun)} {listed(quoted)}"


def _new_and_changed(rows: Sequence[Entity], noun: str, *, at_most: int) -> str:
    """Name or count what is new, and apart from that what changes."""
    new = [name_of(row) for row in rows if row.status is not Status.CHANGED]
    changed = [name_of(row) for row in rows if row.status is Status.CHANGED]
    wishes = [
        _named_or_counted(labels, of_kind, at_most=at_most)
        for labels, of_kind in ((new, noun), (changed, f"changed {noun}"))
        if labels
    ]
    return ", and ".join(wishes)


def _benefit(facts: GroupFacts, names: int, *, them: str) -> str:
    users = users_of(facts, names)
    benefit = _BENEFITS[facts.head.bundle_type].replace("{them}", them)
    is_content = facts.head.bundle_type is BundleType.CONTENT
    if (is_content or not facts.hosts) and (view := _listing_view(facts)):
        return f"the view “{view}” can list {them}"
    return benefit.replace("{users}", users) if users else ""


def _listing_view(facts: GroupFacts) -> str:
    """Return the view that lists the one head and little else; empty where the sheets have none."""
    views = views_listing(facts.session).get(facts.head.key, ())
    return min(views)[-1] if views else next(iter(facts.listing_views), "")


def _with_things(name: str, kind: BundleType) -> str:
    things = _THINGS[kind]
    ends = {things, things.removesuffix("s")}
    if name.rpartition(" ")[2].casefold() in ends:
        return f"{name} items"
    return f"{name} {things}"


def users_of(facts: GroupFacts, names: int) -> str:
    """Name who refers to a bundle and which view lists it; empty where the sheets name nobody."""
    views = [f"the view “{view}”" for view in facts.listing_views]
    is_list = facts.head.bundle_type is BundleType.VOCABULARY
    edited = [host for host in facts.hosts if host.bundle_type is not BundleType.WEBFORM]
    all_hosts = (is_list and edited) or facts.hosts
    hosts = [name_of(host) for host in all_hosts]
    shown = views[:1]
    room = max(names - len(shown), 1)
    rest = len(hosts) - room
    if rest > 1:
        kinds = {host.bundle_type for host in all_hosts}
        noun = bundle_noun(all_hosts[0].bundle_type) if len(kinds) == 1 else "bundle"
        counted = count_of(rest, noun).replace(" ", " more ", 1)
        return listed([*hosts[:room], counted, *shown])
    return listed([*hosts, *shown])


def with_role(roles: Sequence[Entity]) -> str:
    """Name people by their roles; a role's label may be any word, not only a noun for a person."""
    return f"a user with the role {listed([name_of(role) for role in roles], word='or')}"


def role_of_bundle(facts: GroupFacts) -> str:
    """Return the roles of the site that work with what a ticket makes; empty where none is named."""
    is_bundle = facts.group.kind in {GroupKind.BUNDLE, GroupKind.BUNDLES_WITHOUT_FIELDS}
    who = _role(facts, facts.head) if is_bundle and not facts.is_webform else ""
    return who if who not in {EDITOR, OWNER, WITH_PERMISSION} else ""


def head_sentences(head: Entity) -> tuple[str, ...]:
    """Return what the description and the notes of a head say."""
    return (*sentences_of(head.cell("Description")), *sentences_of(head.note))


def _sender(facts: GroupFacts) -> str:
    """Return who fills in a form: the role that a sentence of its row begins with, else anybody."""
    for sentence in head_sentences(facts.head):
        for role in facts.session.specification.by_kind[EntityKind.USER_ROLE]:
            begins = rf"(?:the |all )?{re.escape(name_of(role))}s? (?:may |can )?{_SENDS}"
            if role.status not in _GONE and re.match(begins, sentence, re.IGNORECASE):
                return with_role((role,))
    return "a visitor"


_SENDS = (
    r"(?:appl|ask|book|enquire|enter|fill|order|regist|report|request|reserve|send|sign|submit)"
)
"""What whoever fills in a form does; `The office works from the export` is about others."""


def _role(facts: GroupFacts, head: Entity) -> str:
    """Return who works with a bundle: whom `only` lets, whom it names, or whose row names it."""
    roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    is_limited = False
    for sentence in head_sentences(head):
        named = roles_named_in(sentence, roles)
        people = "|".join(re.escape(name_of(role)) for role in named) or "$"
        deeds = re.sub(rf"\b(?:{people})s?\b", " ", sentence, flags=re.IGNORECASE)
        if is_open(sentence) or not _ONLY.search(sentence) or _OTHER_DEEDS.search(deeds):
            continue
        clauses = [part for part in re.split(r"[,;:]", sentence) if _ONLY.search(part)]
        if named and any(map(partial(names_all_people, named=named), (sentence, *clauses))):
            return with_role(named)
        is_limited = is_limited or bool(named)
    who = _makers_named(head, facts)
    if who and not (is_limited and who == OWNER):
        return who
    hosts = facts.hosts if head.bundle_type is BundleType.PARAGRAPH else ()
    if len(hosts) == 1 and hosts[0].bundle_type is BundleType.CONTENT:
        host = _role(facts, hosts[0])
        return EDITOR if host in {OWNER, WITH_PERMISSION} else host
    granted = facts.roles_granted(head) or [role for role, _ in _makers(head, facts)]
    if not granted and (editors := _editors_kept_from(head, facts)):
        others = [role for role in facts.naming_roles(head) if role not in editors]
        return with_role(others) if 0 < len(others) <= _ROLES_NAMED_MAX else WITH_PERMISSION
    if is_limited and not granted:
        return _with_permission(facts)
    few = len(granted) <= _ROLES_NAMED_MAX
    names = [name_of(role).casefold() for role in granted]
    if not granted and (others := _of_all_content(head, facts)):
        return with_role(others)
    if not granted or "editor" in names or (not few and any("editor" in n for n in names)):
        return EDITOR
    return with_role(granted) if few else WITH_PERMISSION


def _editors_kept_from(head: Entity, facts: GroupFacts) -> list[Entity]:
    """Return the editors whose rows leave a thing out: `edits everything except jobs`."""
    left_out = re.compile(
        rf"\b(?:except|but not)\b[^.;,]*{_called_as(head, facts)}(?! \(edit)", re.IGNORECASE
    )
    return [
        role
        for role in facts.session.specification.by_kind[EntityKind.USER_ROLE]
        if role.status not in _GONE and "editor" in name_of(role).casefold()
        if any(map(left_out.search, role.cells.values()))
    ]


def _of_all_content(head: Entity, facts: GroupFacts) -> list[Entity]:
    """Return the one role for all content, where no editor is or each one's row names other types."""
    roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    live = [role for role in roles if role.status not in _GONE]
    of_all = [r for r in live if any(map(_ALL_CONTENT.search, r.cells.values()))]
    editors = [r for r in live if re.search(r"\bedit", name_of(r), re.IGNORECASE)]
    is_limited = all(any(map(_WRITES.search, r.cells.values())) for r in editors)
    is_one = len(of_all) == 1 and of_all[0] not in editors
    rows = " ".join(cell for r in live if r not in of_all for cell in r.cells.values())
    is_limited &= stems_of(name_of(head)).isdisjoint(stems_of(rows))
    return of_all if is_one and is_limited and of_all[0].machine_name != BYPASSING_ROLE else []


_ALL_CONTENT = re.compile(
    r"(?<!not )(?<!sees )(?<!see )\ball content\b(?!.*\b(?:but|except)\b)", re.IGNORECASE
)
_WRITES = re.compile(r"\bwrites (?!all\b)\w+", re.IGNORECASE)


def _called_as(head: Entity, facts: GroupFacts) -> str:
    names = "|".join(map(re.escape, sorted(facts.session.names_in_notes(head))))
    return rf"(?<!\w)(?:{names})(?!\w|-|(?-i: [A-Z]))"


def _makers(head: Entity, facts: GroupFacts) -> Sequence[tuple[Entity, Sequence[str]]]:
    """Return the roles whose rows have them create, edit or keep what they name, with these deeds."""
    if head.bundle_type is BundleType.PARAGRAPH:
        return ()  # whose names are words of any sentence: `May edit text`
    name = re.compile(_called_as(head, facts), re.IGNORECASE)
    found = [
        (
            role,
            [
                deed
                for column, cell in role.cells.items()
                if column not in {"Name", "Role"} and cell not in {role.label, role.machine_name}
                for sentence in sentences_of(cell)
                if not is_open(sentence)
                for part in sentence.split(";")
                for deed in _deeds(part, name)
            ],
        )
        for role in facts.session.specification.by_kind[EntityKind.USER_ROLE]
        if role.status not in _GONE
    ]
    return [(role, deeds) for role, deeds in found if deeds]


def _deeds(permission: str, name: re.Pattern[str]) -> list[str]:
    """Return how a permission has somebody make what has a name: `Creates and publishes jobs`."""
    match = name.search(permission)
    if match is None:
        return []
    before = [*_DEED.finditer(permission[: match.start()])]
    if not before:
        items = re.split(r"[,&]|\band\b", permission) if not _DEED.search(permission) else []
        is_own = [
            bool(re.fullmatch(rf"\s*{_OWN}{name.pattern}s?(?: only)?\W*", i, re.IGNORECASE))
            for i in items
        ]
        is_listed = any(is_own) and (is_own[0] or re.match(r"own\b", permission, re.IGNORECASE))
        return ["all"] if is_listed or _MADE_AFTER.match(permission[match.end() :]) else []
    joined = [before.pop()]
    while before and _JOINED.fullmatch(permission, before[-1].end(), joined[-1].start()):
        joined.append(before.pop())
    is_refused = any(deed["refused"] for deed in joined)
    return [] if is_refused else [deed[0] for deed in joined if deed["made"]]


_DEED = re.compile(
    r"\b(?:(?P<made>(?:creat\w+|adds?|edits?|writes?|maintains?|keeps?|enters?)(?: terms)?|terms|vocab)"
    r"|(?P<refused>no|not|never|except|via|forms?|fields?)"
    r"|translat\w+|sees?|views?|submi\w+|review\w*|releas\w+|delet\w+|publish\w*|approv\w+|sends?)\b",
    re.IGNORECASE,
)
_OWN = r"(?:(?:own|new|its|their|the|all) )*"
_JOINED = re.compile(r"\s*[,/&]\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+", re.IGNORECASE)
_EDITED = re.compile(r"edit", re.IGNORECASE)
_MADE_AFTER = re.compile(
    r"[^.;:]*(?:: (?:create|edit|all|crud)|, full)\b|[\w, ]* (?:all|create/edit)\b", re.IGNORECASE
)


def _makers_named(head: Entity, facts: GroupFacts) -> str:
    """Return the roles that a head names as its makers, the owner where these are others.

    Of a vocabulary a field that refers to it may say who keeps its list.
    """
    roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    referring = facts.session.specification.referrers_of.get(head.key, ())
    is_list = head.bundle_type is BundleType.VOCABULARY
    said = [s for row, _ in referring for s in sentences_of(row.note) if is_list]
    for sentence in (*head_sentences(head), *filter(_OF_LIST.search, said)):
        for match in _MADE_BY.finditer(sentence):
            who = match["by"] or match["who"] or match["only"] or match["keeper"]
            if not _NO_OTHERS.match(who) and not is_open(sentence):
                named = roles_named_in(who, roles)
                return with_role(named) if named else OWNER
    return ""


_MADE_BY = re.compile(
    r"\b(?i:created?|started|submitted|written|entered|posted|maintained|filled in|kept|uploaded"
    r"|edited|published|typed in)(?: by hand)? by (?:(?:the|an?) )?(?P<by>[^.;:,()\n]+)"
    r"|^(?P<who>[A-Z][\w -]*?) (?:posts?|enters?|submits?)(?= [a-z])"
    r"|^Only (?P<only>[\w -]+?) (?:can |may )?(?:edits?|creates?|adds?|maintains?)\b"
    r"|\b(?P<keeper>[\w -]{1,80}?) (?:maintains?|keeps?) the (?:list|terms)\b"
)
_OF_LIST = re.compile(r"\b(?:list|terms)\b", re.IGNORECASE)
_NO_OTHERS = re.compile(r"(?:hand|us|editors?|nobody)\b", re.IGNORECASE)


def _with_permission(facts: GroupFacts, *things: Entity) -> str:
    """Name the roles whose rows name the head, else those that name what it lists, if few."""
    for thing in (facts.head, *things):
        roles = facts.naming_roles(thing)
        if 0 < len(roles) <= _ROLES_NAMED_MAX:
            return with_role(roles)
    return WITH_PERMISSION


_ROLES_NAMED_MAX = 2
_OTHER_DEEDS = re.compile(  # `add/edit/delete` is to keep something
    r"(?<!/)\b(?:publish|delet|view|see|read|switch|translat|download)\w*\b", re.IGNORECASE
)


def _bundles_without_fields(facts: GroupFacts, names: int) -> Story:
    labels = [name_of(head) for head in facts.group.heads]
    if facts.is_webform:
        which = "form" if len(labels) == 1 else "forms"
        return "a visitor", f"to fill in and send the {which} {listed(labels)}", ""
    noun = bundle_noun(facts.head.bundle_type)
    them = "it" if len(labels) == 1 else "them"
    people = {_role(facts, head) for head in facts.group.heads}
    return (
        people.pop() if len(people) == 1 else EDITOR,
        _new_and_changed(facts.group.heads, noun, at_most=names + 1),
        _benefit(facts, names, them=them),
    )


def _view(facts: GroupFacts, names: int) -> Story:
    view = shown_view(facts)
    name = f"the view {_called(facts.head)}"
    if is_as_shipped(facts.head, facts.rows):
        return view.people, f"{name} as its module ships it", ""
    if facts.group.action is GroupAction.UPDATE:
        name = f"the changed view {_called(facts.head)}"
    places = view.places(at_most=names)
    things = view.listed_things(at_most=names)
    is_managed = view.is_administrative and not view.roles
    deed = "find and manage" if is_managed else "find"
    role = with_role(view.roles) if view.roles else view.people
    if role == WITH_PERMISSION and not is_managed:
        role = _with_permission(facts, *view.listed_bundles)
    benefit = f"I can {deed} {things} there" if things else ""
    is_many = not things or len(view.listed_bundles) > names
    meant = view.states_compared or [state for state, _ in states_meant(facts)]
    if meant and is_many and (not view.listed_bundles or things):
        states = [f"“{name_of(state)}”" for state in meant]
        benefit = f"I can {deed} what is in the state {listed(states, word='or')} there"
    elif things in {"", "content"} and not view.listed_bundles and view.is_search:
        benefit = "I can search content there"
    if places:
        return role, f"{name}{places}", benefit
    return role, f"to {deed} {things} in {name}" if things else name, ""


def _workflow(facts: GroupFacts, names: int) -> Story:
    users = _main_users(facts.of_kind(EntityKind.WORKFLOW_TRANSITION), facts)
    who = EDITOR if users is None else WITH_PERMISSION
    if users and len(users) <= _ROLES_NAMED_MAX:
        who = with_role(users)
    wish = f"the {with_noun(facts.name, 'workflow')}"
    if facts.group.action is GroupAction.UPDATE:
        new = {
            kind: [name_of(r) for r in facts.of_kind(kind) if r.status is Status.APPROVED]
            for kind in (EntityKind.WORKFLOW_STATE, EntityKind.WORKFLOW_TRANSITION)
        }
        wishes = [
            _named_or_counted(labels, f"new {kind.value.split('_')[-1]}", at_most=names, where="")
            for kind, labels in new.items()
            if labels
        ]
        joined = ", and ".join(wishes) if " and " in "".join(wishes) else listed(wishes)
        wish = f"{joined} in {wish}" if wishes else f"the changed {wish.removeprefix('the ')}"
    states = [name_of(state) for state in facts.live(EntityKind.WORKFLOW_STATE)]
    if states:
        is_short = len(states) <= names + 2
        passed = listed(states) if is_short else f"its {count_of(len(states), 'state')}"
        return who, wish, f"content moves through {passed}"
    return EDITOR, wish, "content passes through agreed states before it is published"


def _main_users(rows: Sequence[Entity], facts: GroupFacts) -> list[Entity] | None:
    """Return the roles that may use most transitions; None where an editor is one or nobody is."""
    using = [role for t in transitions_of(rows) for role in allowed_roles(t, facts)]
    if not using or any(name_of(role).casefold() == "editor" for role in using):
        return None
    uses = Counter(role.key for role in using)
    return list({r.key: r for r in using if uses[r.key] == max(uses.values())}.values())


def _roles(facts: GroupFacts, names: int) -> Story:
    rows = facts.to_build or facts.rows
    shipped = {*lexicon().public_roles, BYPASSING_ROLE}
    own = [row for row in rows if row.machine_name not in shipped]
    return (
        "an administrator",
        _new_and_changed(own or rows, "role", at_most=names + 1),
        "every account gets the permissions its work needs and no others",
    )


def _collection(facts: GroupFacts, names: int, *, noun: str, benefit: str) -> Story:
    rows = facts.to_build or facts.rows
    return "a site builder", _new_and_changed(rows, noun, at_most=names), benefit


def _image_styles(facts: GroupFacts, names: int) -> Story:
    benefit = "every image is delivered in the size and crop its place needs"
    return _collection(facts, names, noun="image style", benefit=benefit)


def _responsive_styles(facts: GroupFacts, names: int) -> Story:
    benefit = "each screen loads an image that fits it"
    return _collection(facts, names, noun="responsive image style", benefit=benefit)


def _view_modes(facts: GroupFacts, names: int) -> Story:
    benefit = "the same item can be shown differently in different places"
    return _collection(facts, names, noun="view mode", benefit=benefit)


def _migration(facts: GroupFacts, names: int) -> Story:
    del names
    run = migration_of(facts)
    filled = listed([name_of(bundle) for bundle in run.destinations], at_most=3)
    kinds: dict[BundleType | None, list[str]] = {}
    for bundle in run.destinations:
        kinds.setdefault(bundle.bundle_type, []).append(name_of(bundle))
    things = listed([f"{listed(n, at_most=3)} {_THINGS.get(k, 'items')}" for k, n in kinds.items()])
    wish = f"the {with_noun(facts.name, 'migration')} to run"
    if not things and redirected_runs(facts):
        return OWNER, wish, "old addresses lead to the new pages"
    sources = [
        name_of(bundle)
        for bundle in facts.session.specification.by_kind[EntityKind.BUNDLE]
        if bundle.bundle_type in kinds and bundle.status in _ON_THE_SITE
        if facts.head in runs_reading(facts.session).get(name_of(bundle), ())
        if bundle not in run.destinations
    ]
    if sources and not run.schedule:
        was = f"{listed(sources, at_most=3)} {_THINGS.get(next(iter(kinds)), 'items')}"
        return (
            OWNER,
            wish,
            f"existing {was} {'are' if was.endswith('s') else 'is'} there as {filled}",
        )
    wish += " by itself" if run.schedule else ""
    return OWNER, wish, f"nobody has to enter {things or 'its data'} by hand"


_ON_THE_SITE = frozenset({Status.IMPLEMENTED, Status.CHANGED, Status.DELETED})


def _custom(facts: GroupFacts, names: int) -> Story:
    rows = facts.to_build or facts.rows
    labels = list(dict.fromkeys(_called(row) for row in rows))
    noun = sheet_noun(rows[0].source.file)
    which = noun if len(labels) == 1 else plural(noun)
    if noun == MENU:
        words = f"{facts.head.cell('Description')} {facts.head.note}"
        roles = roles_named_in(words, facts.session.specification.by_kind[EntityKind.USER_ROLE])
        who = with_role(roles) if roles and _ONLY.search(words) else "a visitor"
        labels = list(dict.fromkeys(f"“{name_of(row)}”" for row in rows))
        return who, _named_or_counted(labels, noun, at_most=names), ""
    if noun in FORMS:
        prose = " ".join(cell for row in rows for cell in row.cells.values())
        users = roles_named_in(
            " ".join(_ROLE_GIVEN.findall(prose)),
            facts.session.specification.by_kind[EntityKind.USER_ROLE],
        )
        who = with_role(users) if users else "a visitor"
        return who, f"to fill in and send the {which} {listed(labels, at_most=names)}", ""
    done = " changed" if facts.group.action is GroupAction.UPDATE else ""
    return "a site builder", f"{_named_or_counted(labels, noun, at_most=names)}{done}", ""


_ROLE_GIVEN = re.compile(r"\broles?:? ([^.;\n]+)", re.IGNORECASE)


def _called(row: Entity) -> str:
    """Name a row in a sentence: a label that is a sentence itself cannot be used there."""
    is_nameable = not is_sentence(name_of(row)) or not is_machine_name_given(row)
    return f"“{name_of(row)}”" if is_nameable else row.machine_name


def _removal(facts: GroupFacts, names: int) -> Story:
    return (
        "an administrator",
        f"{kinds_named(facts.group.heads, at_most=4 * names)} removed",
        "nobody builds on what the specification has given up",
    )


_STORIES: Mapping[GroupKind, Callable[[GroupFacts, int], Story]] = {
    GroupKind.BUNDLE: _bundle,
    GroupKind.BUNDLES_WITHOUT_FIELDS: _bundles_without_fields,
    GroupKind.VIEW: _view,
    GroupKind.WORKFLOW: _workflow,
    GroupKind.USER_ROLES: _roles,
    GroupKind.IMAGE_STYLES: _image_styles,
    GroupKind.RESPONSIVE_IMAGE_STYLES: _responsive_styles,
    GroupKind.VIEW_MODES: _view_modes,
    GroupKind.MIGRATION: _migration,
    GroupKind.CUSTOM: _custom,
    GroupKind.REMOVAL: _removal,
}
