"""Which issue type, priority, link type and person is meant, whatever language Jira speaks.

Belongs here: choosing among what Jira offers, and what to say where none is meant. Does not: asking
Jira (`fields`, `links`, `project_check`).

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
from jira_pipeline.model.sessions import UploadSession

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
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values of fields that every issue gets, by name or id of the field."""


def names_of(settings: Settings, session: UploadSession | None) -> JiraNames:
    """Return what a session, or the settings, name of Jira's issue types and link types."""
    own_type = session.manifest.issue_type if session is not None else None
    link_types = {
        LinkKind.BLOCKS: settings.jira_blocks_link_type,
        LinkKind.RELATES: settings.jira_relates_link_type,
    }
    return JiraNames(
        issue_type=own_type or settings.jira_issue_type,
        link_types={kind: named for kind, named in link_types.items() if named},
        fields={} if session is None else session.manifest.defaults.fields,
    )


AS_SHIPPED = JiraNames()


def choose_issue_type(
    issue_types: Sequence[IssueType], *, asked: str | None, is_sandbox: bool = False
) -> IssueType | Unresolved:
    """Choose what to create: the type people named, else Jira's Task, else the only candidate.

    The sandbox need not have what they named for their Jira.
    """
    own = [one for one in issue_types if not one.is_subtask]
    if asked is not None:
        named = (
            [one for one in own if one.issue_type_id == asked]
            or [one for one in own if _is(one.name, asked)]
            or [one for one in own if _is(one.untranslated_name, asked)]
        )
        if is_sandbox and len(named) != 1:
            return choose_issue_type(issue_types, asked=None)
        return _only(named, own, f"{asked} names {len(named) or 'none'} of them")
    standard = [one for one in own if one.hierarchy_level in {None, STANDARD_LEVEL}]
    shipped = [one for one in standard if one.untranslated_name == TASK]
    named = shipped or [one for one in standard if _is(one.name, TASK)]
    ordinary = [one for one in own if one.hierarchy_level == STANDARD_LEVEL]
    return _only(named or ordinary, own, f"none of them is clearly Jira's own {TASK}")


def choose_epic_type(issue_types: Sequence[IssueType]) -> IssueType | Unresolved:
    """Choose the type right above ordinary issues, by its name only where there are several."""
    above = [one for one in issue_types if one.hierarchy_level == EPIC_LEVEL]
    named = [o for o in above if _is(o.untranslated_name, EPIC) or _is(o.name, EPIC)]
    return _only(named or above, issue_types, "not one type is right above ordinary issues")


def choose_option(options: Sequence[FieldOption], asked: str) -> FieldOption | Unresolved:
    """Choose the value of a field, such as a priority, that a name or id means."""
    by_id = [one for one in options if one.option_id == asked]
    shown = [one for one in options if _is(one.name, asked)]
    found = by_id or shown or [one for one in options if _is(one.untranslated_name, asked)]
    if len(found) == 1:
        return found[0]
    if found:
        return Unresolved(reason=f"the project has {len(found)} with that name: use the id")
    names = ", ".join(one.name for one in options[:LISTED_MAX])
    return Unresolved(reason=f"the project has {names or 'none'}")


def choose_link_type(
    kind: LinkKind, link_types: Sequence[LinkType], *, asked: str | None, is_sandbox: bool = False
) -> LinkType | Unresolved:
    """Choose the type of a kind of link: as people named it, else by name, else by its words.

    The sandbox need not have what they named for their Jira.
    """
    offered = _listed([(one.name, one.link_type_id) for one in link_types])
    way_out = f"name one in {LINK_SETTINGS[kind]}; there are: {offered}"
    if not link_types:
        return Unresolved(reason=f"the site has no link type {kind.value}, or linking is off")
    if asked is not None:
        by_id = [one for one in link_types if one.link_type_id == asked]
        found = by_id or [one for one in link_types if _is(one.name, asked)]
        if is_sandbox and len(found) != 1:
            return choose_link_type(kind, link_types, asked=None)
    else:
        found = [one for one in link_types if _is(one.name, kind.value)] or [
            one for one in link_types if _link_texts(one) in LINK_TEXTS[kind]
        ]
    if len(found) != 1:
        how_many = f"{len(found)} link types" if found else "no link type"
        return Unresolved(reason=f"the site has {how_many} {asked or kind.value}; {way_out}")
    [chosen] = found
    if kind is LinkKind.BLOCKS and _link_texts(chosen)[::-1] in LINK_TEXTS[kind]:
        return Unresolved(
            reason=f"{chosen.name} has its descriptions reversed: its inward issue would be the "
            f"blocked one; {way_out}"
        )
    return chosen


def choose_account(asked: str, users: Sequence[Account]) -> Account | Unresolved:
    """Choose the account that an address or a name means, among those a search returned.

    An exact address or name wins over a part of one. Somebody whose visible address differs from
    the address that was asked for is somebody else.
    """
    wanted = asked.casefold()
    exact = [
        user
        for user in users
        if wanted in {(user.email or "").casefold(), user.display_name.casefold()} - {""}
    ]
    near = [
        user
        for user in users
        if "@" not in wanted or user.email is None or user.email.casefold() == wanted
    ]
    candidates = exact or near
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        return Unresolved(reason="nobody with that address or name can be assigned in the project")
    names = first_named(sorted(user.display_name for user in candidates), NAMED_MAX)
    return Unresolved(reason=f"{len(candidates)} people may be meant: {names}")


def _only(
    found: Sequence[IssueType], offered: Sequence[IssueType], why: str
) -> IssueType | Unresolved:
    if len(found) == 1:
        return found[0]
    listed = _listed([(one.name, one.issue_type_id) for one in offered])
    return Unresolved(reason=f"it has: {listed}; {why}")


def _listed(offered: Sequence[tuple[str, str]]) -> str:
    shown = ", ".join(f"{name} ({own_id})" for name, own_id in sorted(offered)[:LISTED_MAX])
    return shown or "none"


def _link_texts(link_type: LinkType) -> tuple[str, str]:
    return (_plain(link_type.inward), _plain(link_type.outward))


def _is(name: str | None, asked: str) -> bool:
    return name is not None and _plain(name) == _plain(asked)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
