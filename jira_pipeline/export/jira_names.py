"""Which issue type, priority, link type and person is meant, whatever language Jira speaks.

Belongs here: choosing among what Jira offers, and what to say where none is meant. Does not: asking
Jira (`issue_fields`, `links`, `project_check`).

Names differ by language and can be changed; ids stay. So a name is only ever used to find an id,
and nothing is guessed: what several could be is asked for.
Source: docs/jira_answers.md, names in other languages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from jira_pipeline.context.settings import Settings
from jira_pipeline.model.issue_tracker import EPIC_LEVEL, Account, FieldOption, IssueType, LinkType
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.sessions import GivenFieldValue, UploadSession

NAMED_MAX = 5
TASK = "Task"
EPIC = "Epic"
STANDARD_LEVEL = 0
LISTED_MAX = 20


class LinkKind(StrEnum):
    """What a link says, by the name Jira ships its type with; part of its name in the ledger."""

    BLOCKS = "Blocks"
    RELATES = "Relates"


LINK_SETTINGS: Mapping[LinkKind, str] = {
    LinkKind.BLOCKS: "JIRA_BLOCKS_LINK_TYPE",
    LinkKind.RELATES: "JIRA_RELATES_LINK_TYPE",
}
LINK_TEXTS: Mapping[LinkKind, frozenset[tuple[str, str]]] = {
    LinkKind.BLOCKS: frozenset(
        {
            ("is blocked by", "blocks"),
            ("wird blockiert von", "blockiert"),
            ("est bloqué par", "bloque"),
            ("está bloqueado por", "bloquea"),
            ("es bloqueado por", "bloquea"),
            ("è bloccato da", "blocca"),
            ("wordt geblokkeerd door", "blokkeert"),
            ("está bloqueado por", "bloqueia"),
            ("é bloqueado por", "bloqueia"),
        }
    ),
    LinkKind.RELATES: frozenset(
        (words, words)
        for words in (
            "relates to",
            "bezieht sich auf",
            "est lié à",
            "está relacionado con",
            "è correlato a",
            "is gerelateerd aan",
            "está relacionado a",
        )
    ),
}
"""Inward and outward words. A pair counts as a whole: half of one shows no direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """No account, or no single one, is meant."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JiraNames:
    """What people named, by name or id; None leaves it to what Jira ships."""

    issue_type: str | None = None
    link_types: Mapping[LinkKind, str] = field(default_factory=dict)
    fields: Mapping[str, GivenFieldValue] = field(default_factory=dict)
    """Values of fields that every issue gets, by name or id of the field."""


def names_of(settings: Settings, session: UploadSession | None) -> JiraNames:
    """Return what a session, or the settings, name of Jira's issue types and link types."""
    type_in_manifest = session.manifest.issue_type if session is not None else None
    link_types = {
        LinkKind.BLOCKS: settings.jira_blocks_link_type,
        LinkKind.RELATES: settings.jira_relates_link_type,
    }
    return JiraNames(
        issue_type=type_in_manifest or settings.jira_issue_type,
        link_types={kind: name for kind, name in link_types.items() if name},
        fields={} if session is None else session.manifest.defaults.fields,
    )


AS_SHIPPED = JiraNames()


def choose_issue_type(
    issue_types: Sequence[IssueType], *, name: str | None, is_sandbox: bool = False
) -> IssueType | Unresolved:
    """Choose what to create: the type people named, else Jira's Task, else the only candidate.

    The sandbox need not have what they named for their Jira.
    """
    creatable = [issue_type for issue_type in issue_types if not issue_type.is_subtask]
    if name is None:
        return _only(
            _default_types(creatable), creatable, f"none of them is clearly Jira's own {TASK}"
        )
    named = _named_types(creatable, name)
    if is_sandbox and len(named) != 1:
        return choose_issue_type(issue_types, name=None)
    return _only(named, creatable, f"{name} names {len(named) or 'none'} of them")


def _named_types(issue_types: Sequence[IssueType], name: str) -> list[IssueType]:
    """Return the types that an id means, else a name as shown, else a name as Jira ships it."""
    by_id = [issue_type for issue_type in issue_types if issue_type.issue_type_id == name]
    by_name = [issue_type for issue_type in issue_types if _is(issue_type.name, name)]
    by_shipped_name = [
        issue_type for issue_type in issue_types if _is(issue_type.untranslated_name, name)
    ]
    return by_id or by_name or by_shipped_name


def _default_types(issue_types: Sequence[IssueType]) -> list[IssueType]:
    """Return Jira's Task, by its name as shipped or as shown; else the types of ordinary issues."""
    standard = [
        issue_type
        for issue_type in issue_types
        if issue_type.hierarchy_level in {None, STANDARD_LEVEL}
    ]
    shipped = [issue_type for issue_type in standard if issue_type.untranslated_name == TASK]
    by_name = [issue_type for issue_type in standard if _is(issue_type.name, TASK)]
    ordinary = [
        issue_type for issue_type in issue_types if issue_type.hierarchy_level == STANDARD_LEVEL
    ]
    return shipped or by_name or ordinary


def choose_epic_type(issue_types: Sequence[IssueType]) -> IssueType | Unresolved:
    """Choose the type right above ordinary issues, by its name only where there are several."""
    above = [issue_type for issue_type in issue_types if issue_type.hierarchy_level == EPIC_LEVEL]
    named = [
        issue_type
        for issue_type in above
        if _is(issue_type.untranslated_name, EPIC) or _is(issue_type.name, EPIC)
    ]
    return _only(named or above, issue_types, "not one type is right above ordinary issues")


def choose_option(options: Sequence[FieldOption], name: str) -> FieldOption | Unresolved:
    """Choose the value of a field, such as a priority, that a name or id means."""
    by_id = [option for option in options if option.option_id == name]
    by_name = [option for option in options if _is(option.name, name)]
    by_shipped_name = [option for option in options if _is(option.untranslated_name, name)]
    candidates = by_id or by_name or by_shipped_name
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        return Unresolved(reason=f"the project has {len(candidates)} with that name: use the id")
    names = ", ".join(option.name for option in options[:LISTED_MAX])
    return Unresolved(reason=f"the project has {names or 'none'}")


def choose_link_type(
    kind: LinkKind, link_types: Sequence[LinkType], *, name: str | None, is_sandbox: bool = False
) -> LinkType | Unresolved:
    """Choose the type of a kind of link: as people named it, else by name, else by its words.

    The sandbox need not have what they named for their Jira.
    """
    if not link_types:
        return Unresolved(reason=f"the site has no link type {kind.value}, or linking is off")
    if name is None:
        by_name = [link_type for link_type in link_types if _is(link_type.name, kind.value)]
        by_words = [
            link_type for link_type in link_types if _link_texts(link_type) in LINK_TEXTS[kind]
        ]
        candidates = by_name or by_words
    else:
        by_id = [link_type for link_type in link_types if link_type.link_type_id == name]
        by_name = [link_type for link_type in link_types if _is(link_type.name, name)]
        candidates = by_id or by_name
        if is_sandbox and len(candidates) != 1:
            return choose_link_type(kind, link_types, name=None)
    offered = _listed([(link_type.name, link_type.link_type_id) for link_type in link_types])
    way_out = f"name one in {LINK_SETTINGS[kind]}; there are: {offered}"
    if len(candidates) != 1:
        how_many = f"{len(candidates)} link types" if candidates else "no link type"
        return Unresolved(reason=f"the site has {how_many} {name or kind.value}; {way_out}")
    [chosen] = candidates
    if kind is LinkKind.BLOCKS and _link_texts(chosen)[::-1] in LINK_TEXTS[kind]:
        return Unresolved(
            reason=f"{chosen.name} has its descriptions reversed: its inward issue would be the "
            f"blocked one; {way_out}"
        )
    return chosen


def choose_account(name: str, users: Sequence[Account]) -> Account | Unresolved:
    """Choose the account that an address or a name means, among those a search returned.

    An exact address or name wins over a part of one. Somebody whose visible address differs from
    the address that was asked for is somebody else.
    """
    wanted = name.casefold()
    exact = []
    near = []
    for user in users:
        email = (user.email or "").casefold()
        if wanted in {email, user.display_name.casefold()} - {""}:
            exact.append(user)
        if "@" not in wanted or user.email is None or email == wanted:
            near.append(user)
    candidates = exact or near
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        return Unresolved(reason="no one with that address or name can be assigned in the project")
    names = first_named(sorted(user.display_name for user in candidates), NAMED_MAX)
    return Unresolved(reason=f"{len(candidates)} people may be meant: {names}")


def _only(
    candidates: Sequence[IssueType], offered: Sequence[IssueType], why: str
) -> IssueType | Unresolved:
    if len(candidates) == 1:
        return candidates[0]
    listed = _listed([(issue_type.name, issue_type.issue_type_id) for issue_type in offered])
    return Unresolved(reason=f"it has: {listed}; {why}")


def _listed(names_and_ids: Sequence[tuple[str, str]]) -> str:
    listed = [f"{name} ({jira_id})" for name, jira_id in sorted(names_and_ids)[:LISTED_MAX]]
    return ", ".join(listed) or "none"


def _link_texts(link_type: LinkType) -> tuple[str, str]:
    return (_plain(link_type.inward), _plain(link_type.outward))


def _is(name: str | None, other: str) -> bool:
    return name is not None and _plain(name) == _plain(other)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
