"""ShareDo's words for rules and writers, read from `lexicon.toml`.

Belongs here: reading the file. Does not: what follows from a word (questions, writers), or the
words of site specifications (`sources/drupal/notes`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jira_pipeline.model.entities import Entity
from jira_pipeline.model.toml_tables import toml_tables
from jira_pipeline.sources.sharedo.packages import ComponentGroup, group_of_provider

OUTCOME, WANTED_AS_IN, TARGET = "Comparison outcome", "As in", "Target environment"
"""Columns of a component that a comparison brought."""
BUILDS, ADDRESSES = "Platform builds", "Addresses it calls"
"""Columns that say what differs beside it, and what something switched on will call."""
KNOWN_THERE = "Known in the target"
"""The column of the system names it uses that the packages of the target hold or use too."""
NEW_NAMES = "Newly named"
"""The column of what new values name and no package holds or uses in the target, each after its kind."""
ONCE = "(the list has it once)"
"""What is said before a change that adds to a list what is in it."""
USED_THERE = "Used there by"
"""The column of the components of the target that name one which only it has."""
WITHIN_LIST = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\[\]"]*)\]')
"""The part of a path that says which item of a list is meant."""
CHANGES = "Changes"
"""The section of fields that differ, and its columns."""
PATH, BEFORE, AFTER, SEVERITY = "Path", "Before", "After", "Severity"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareDoLexicon:
    """The lists of the file."""

    nouns: Mapping[str, str]
    """By export provider, in lower case."""
    main_sections: Mapping[str, Sequence[str]]
    """By group: the names the section may have, joined by bars, and the noun of one entry."""
    named_kinds: Mapping[str, str]
    """What the value of a field names, by the last part of its path in lower case."""
    naming_roles: frozenset[str]
    """Last parts of paths, in lower case, that name a role or something else."""
    entry_nouns: Mapping[str, str]
    required_sections: Mapping[str, str]
    """By group: the lists without which a component does nothing."""
    references: Mapping[str, str]
    """By the ending of a field, in lower case: the list it names an entry of."""
    text_fields: frozenset[str]
    """Last parts of paths, in lower case, that hold the text of a template without a document."""
    document_formats: frozenset[str]
    off_when_false: frozenset[str]
    off_when_true: frozenset[str]
    off_states: frozenset[str]
    named_off: re.Pattern[str]
    """What a name holds that says itself that something is out of use."""


@cache
def sharedo_lexicon() -> ShareDoLexicon:
    """Return the words; the file is read once in a process."""
    lists = toml_tables(__package__, "lexicon.toml")
    switches = lists["switched_off"]
    return ShareDoLexicon(
        nouns=lists["nouns"]["words"],
        main_sections=lists["main_sections"]["words"],
        named_kinds={k.casefold(): v for k, v in lists["named_kinds"]["words"].items()},
        naming_roles=frozenset(lists["naming_roles"]["words"].split()),
        entry_nouns=lists["entry_nouns"]["words"],
        required_sections=lists["required_sections"]["words"],
        references=lists["references"]["words"],
        text_fields=frozenset(lists["documents"]["texts"].split()),
        document_formats=frozenset(lists["documents"]["formats"].split()),
        off_when_false=frozenset(switches["off_when_false"].split()),
        off_when_true=frozenset(switches["off_when_true"].split()),
        off_states=frozenset(switches["states"].split()),
        named_off=re.compile(rf"\b(?:{switches['named']})\b", re.IGNORECASE),
    )


def provider_noun(provider: str) -> str:
    """Return what people call one component of an export provider."""
    words = sharedo_lexicon().nouns
    return words.get(provider.casefold()) or provider.replace("-", " ").replace("_", " ")


def provider_of(component: Entity) -> str:
    return component.key.split(":", 2)[1]


def system_name_of(component: Entity) -> str:
    """Return the system name of a component; one selected by several fields says its own."""
    own = component.cell("SystemName")
    return own if own and component.machine_name.startswith("{") else component.machine_name


def noun_of(component: Entity) -> str:
    """Return what people call a component: `work type`."""
    return provider_noun(provider_of(component))


def group_of(component: Entity) -> ComponentGroup:
    return group_of_provider(provider_of(component))


def section_of(item: Entity) -> str:
    """Return the section that an entry of a component is in."""
    return item.source.file.rpartition("/")[2]


_ENTRY_PATH = re.compile(r"(?:.*\.)?(\w+)\[([^\[\]]+)\]")
_NAME_LINE = re.compile(r"^(?:Name|Label|Title|DisplayName): (.+)$", re.MULTILINE)


def change_name(change: Entity) -> str:
    """Name what a change is about, literals in backticks: a whole entry in words, else its path.

    A role permission is named by its three keys, as ``the right `a` of `b` in `c` ``.
    """
    path = change.cell(PATH).replace("`", "'")
    whole = _ENTRY_PATH.fullmatch(path)
    nouns = sharedo_lexicon().entry_nouns
    noun = nouns.get(whole[1][:1].upper() + whole[1][1:]) if whole else None
    if whole is None or noun is None:
        return f"`{path}`"
    if whole[1] == "SharedoTypeRolePermissions" and whole[2].count(" / ") == 2:  # noqa: PLR2004 - three keys
        right, role, phase = whole[2].split(" / ")
        return f"the right `{right}` of `{role}`" + (
            " in every phase" if phase == "-" else f" in `{phase}`"
        )
    name_line = _NAME_LINE.search(change.cell(AFTER) or change.cell(BEFORE))
    named = f"“{' '.join(name_line[1].split())}” " if name_line and name_line[1] != whole[2] else ""
    return f"the {noun} {named}(`{whole[2]}`)" if named else f"the {noun} `{whole[2]}`"


def last_name(column: str, *, section: str = "") -> str:
    """Return the name that says what a value is: of `Config.optionSet` and `WorkTypes[#1]` too."""
    names = [section, *WITHIN_LIST.sub("", column).split(".")]
    while len(names) > 1 and names[-1].casefold() in {"systemname", "name", "value", "id"}:
        names.pop()
    return names[-1]
