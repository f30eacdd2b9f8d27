"""What the values of a ShareDo component name: other components, steps, files, secrets, what is off.

Belongs here: reading such names out of values, by the words of `sources/sharedo/lexicon.toml`. Does
not: the dependencies that a manifest states (references of an entity), what a ticket says of it
(`writing/claims/components`), or what is asked (`sources/questions/component_questions`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.model.entities import Entity, EntityKind, Specification
from jira_pipeline.sources.sharedo.ids import is_guid
from jira_pipeline.sources.sharedo.lexicon import (
    KNOWN_THERE,
    USED_THERE,
    WITHIN_LIST,
    group_of,
    last_name,
    noun_of,
    section_of,
    sharedo_lexicon,
    system_name_of,
)
from jira_pipeline.sources.sharedo.secret_masking import MASK

FALSE, TRUE = "false", "true"
_SYSTEM_NAME = re.compile(r"[A-Za-z][\w.-]*")
_DISTINCT = re.compile(r"[-_.]|[a-z][A-Z]")
"""What distinguishes a system name from a word."""
_DOTTED = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_NAMING_NOTHING = frozenset({"GraphLayout", "Description", "Guidance", KNOWN_THERE, USED_THERE})
"""Fields that hold a drawing, a text for people, or what a comparison says."""
_ROLE = "participant role"
_ROLE_WITHIN = re.compile(r"\broles\.([A-Za-z][\w-]*)")
_BUILT_IN = ("core.", "core-", "system.")
"""How the system names begin that every environment has."""
_FILE = re.compile(
    r"[^/\\{}<>:*?\"|\n]{1,80}\.(?:docx?|dotx?|docm|xlsx?|pptx?|pdf|rtf|odt|msg|png|jpe?g|svg)",
    re.IGNORECASE,
)
_FILE_IS_MADE = re.compile(r"(?:name|title|label|pattern|subject|text|description)$", re.IGNORECASE)
"""Fields that say how a file will be called, not which one there is."""
_KEPT_ELSEWHERE = re.compile(
    r"\{\{\s*secrets?[.:][^{}]+\}\}|\$\{[^{}]+\}|@Microsoft\.KeyVault\([^()]*\)", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"(?:https?|wss?|s?ftps?|imaps?|smtps?)://\S+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_HOST_FIELD = re.compile(r"host|server|domain|endpoint|smtp|imap", re.IGNORECASE)
_PLAIN_STEP = frozenset({"end", "start", "begin", "stop", "finish"})
_OUTCOME_COLUMN = re.compile(r"outcome|condition|when|result|decision|answer|label", re.IGNORECASE)
_WAY_FIELD = re.compile(r"(?:target|next|to|goto|step|systemname|name)+", re.IGNORECASE)
_WAY_FROM, _WAY_TO = (
    re.compile(r"from|source", re.IGNORECASE),
    re.compile(r"to|target|next", re.IGNORECASE),
)
_RULE = re.compile(
    r"rules?\[|conditions?\b|(?:visible|show|hidden|hide|required?|enabled?)_?(?:when|if)",
    re.IGNORECASE,
)
"""How the fields begin that say when something is shown or required."""
_REFUSING = frozenset({"error", "warning", "warn", "validate", "invalid"})
"""Effects of rules that change nothing but which values are taken."""
_BACKWARDS = re.compile(r"previous|depends|after|parent|from|source", re.IGNORECASE)


def value_of(component: Entity, field: str) -> str:
    """Return a value of the component itself: `IsActive`, or `BaseSharedo.IsActive`."""
    for column, value in component.cells.items():
        parts = column.split(".")
        if parts[-1].casefold() == field.casefold() and len(parts) <= 2 and "[" not in column:  # noqa: PLR2004 - as shown
            return value
    return ""


def is_switched_off(component: Entity) -> bool:
    """Tell whether a component says itself that it is not in use."""
    return FALSE in {value_of(component, field) for field in ("IsActive", "IsEnabled")}


def says_off(column: str, value: str) -> bool:
    """Tell whether a value says that what has it is switched off, or a draft."""
    words, name, folded = sharedo_lexicon(), column.rpartition(".")[2].casefold(), value.casefold()
    return (
        (name in words.off_when_false and folded == FALSE)
        or (name in words.off_when_true and folded == TRUE)
        or (name in {"status", "state"} and folded in words.off_states)
    )


def rows_of(component: Entity, specification: Specification) -> tuple[Entity, ...]:
    return (component, *specification.members_of.get(component.key, ()))


def entries_of(component: Entity, specification: Specification) -> Mapping[str, Sequence[Entity]]:
    """Return the entries of each section of a component, in the order of the source.

    A section inside another one, such as `Definition.steps`, goes by its last part, `Steps`.
    """
    found: dict[str, list[Entity]] = {}
    for item in specification.members_of.get(component.key, ()):
        section = section_of(item).rpartition(".")[2]
        found.setdefault(section[:1].upper() + section[1:], []).append(item)
    return found


def main_rows(component: Entity, specification: Specification) -> Sequence[Entity]:
    """Return the entries of the list that says what a component is about."""
    section, _ = sharedo_lexicon().main_sections.get(group_of(component), ("", ""))
    entries = entries_of(component, specification)
    return next((entries[name] for name in section.split("|") if entries.get(name)), ())


def main_items(component: Entity, specification: Specification) -> tuple[str, list[str]]:
    """Return the noun and the names of the entries in use that say what a component is about."""
    section, noun = sharedo_lexicon().main_sections.get(group_of(component), ("", ""))
    rows = main_rows(component, specification)
    if not rows:
        within = items_within(rows_of(component, specification), section)
        return noun, [name for item in within if (name := called(item.values))]
    switches = ("Allow", "Active", "IsActive")
    return noun, [
        row.label or row.machine_name
        for row in rows
        if FALSE not in map(row.cell, switches) and not is_plain_step(row)
    ]


def sub_types_of(component: Entity, specification: Specification) -> list[Entity]:
    """Return the components of the session that have this one as their parent."""
    return [
        other
        for other in specification.by_kind[EntityKind.COMPONENT]
        if other.key != component.key
        and value_of(other, "ParentSystemName") == component.machine_name
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentNames:
    """The components of a session by what values may call them."""

    components: Mapping[str, Sequence[Entity]]
    """By system name, which several kinds may share."""
    owners: Mapping[str, Entity]
    """The component that has a phase or transition, by the system name of that."""
    roles: frozenset[str]
    """System names that some value gives to a participant role."""


def component_names(specification: Specification) -> ComponentNames:
    """Return what values may name, read in one pass over the session."""
    components: dict[str, list[Entity]] = {}
    owners: dict[str, list[Entity]] = {}
    roles: set[str] = set()
    for component in specification.by_kind[EntityKind.COMPONENT]:
        components.setdefault(system_name_of(component), []).append(component)
        for row in rows_of(component, specification):
            section = section_of(row) if row.kind is EntityKind.COMPONENT_ITEM else ""
            if section in {"Phases", "PhaseTransitions"}:
                owners.setdefault(row.cell("SystemName"), []).append(component)
            roles |= {
                value
                for column, value in row.cells.items()
                if _kind_named(column, section) == _ROLE and not is_label(column, row.cells)
            }
    return ComponentNames(
        components=components,
        owners={name: found[0] for name, found in owners.items() if name and len(found) == 1},
        roles=frozenset(roles),
    )


def named_components(
    component: Entity, specification: Specification, names: ComponentNames
) -> Mapping[str, tuple[Entity, str]]:
    """Return components of the session that values name, by key, with what names them first.

    A system name inside a longer value counts where it cannot be a word: `start:send-letter`.
    """
    found: dict[str, tuple[Entity, str]] = {}
    for row in rows_of(component, specification):
        section = section_of(row) if row.kind is EntityKind.COMPONENT_ITEM else ""
        for column, value in row.cells.items():
            is_label_only = _is_own_name(row, column) or is_label(column, row.cells)
            if is_label_only or last_name(column) in _NAMING_NOTHING:
                continue
            kind = _kind_named(column, section)
            known = names.components.get(value, ())
            others = [other for other in known if kind in {None, noun_of(other)}]
            is_clear = _DISTINCT.search(value) or kind
            meant = [others[0]] if len(others) == 1 and is_clear else []
            if value not in names.components:
                meant = [*_named_within(value, names)]
            for other in meant:
                if other.key != component.key:
                    found.setdefault(other.key, (other, section or column.partition("[")[0]))
    return found


def _named_within(value: str, names: ComponentNames) -> Iterator[Entity]:
    """Yield what parts of a value name, the longest names first: `forms.leave-request.days`."""
    for dotted in _DOTTED.findall(value):
        parts = dotted.split(".")
        spans = (
            ".".join(parts[begin:end])
            for begin in range(len(parts))
            for end in range(len(parts), begin, -1)
        )
        for name in spans:
            others = names.components.get(name, ()) if _DISTINCT.search(name) else ()
            if len(others) == 1:
                yield others[0]
            elif name in names.owners and _DISTINCT.search(name):
                yield names.owners[name]


def _kind_named(column: str, section: str) -> str | None:
    """Return what the value of a field names, by the field; None where nothing is known."""
    if column == "BaseSharedo.ParentSystemName":
        return "work type"
    return sharedo_lexicon().named_kinds.get(last_name(column, section=section).casefold())


def named_elsewhere(
    component: Entity, specification: Specification, names: ComponentNames
) -> Mapping[str, list[str]]:
    """Return system names that values name and no component has, by what they are, in order."""
    stated = {r.text.partition(" (")[0].rpartition(" ")[2] for r in component.references}
    stated |= {system_name_of(component), *component.cell(KNOWN_THERE).split("\n")}
    naming_roles = sharedo_lexicon().naming_roles
    found: dict[str, list[str]] = {}
    for row in rows_of(component, specification):
        section = section_of(row) if row.kind is EntityKind.COMPONENT_ITEM else ""
        for column, value in row.cells.items():
            kind = _kind_named(column, section)
            is_own = row.key == component.key and _is_own_name(row, column)
            is_reference = kind is not None and not is_own and not is_label(column, row.cells)
            named = [(kind, value)] if kind is not None and is_reference else []
            if last_name(column).casefold() in naming_roles and value in names.roles:
                named.append((_ROLE, value))
            named += [(_ROLE, role) for role in _ROLE_WITHIN.findall(value)]
            for what, name in named:
                known = [c for c in names.components.get(name, ()) if noun_of(c) == what]
                if name in stated or known or name in found.get(what, ()):
                    continue
                is_clear = what == _ROLE or column.endswith("SystemName") or _DISTINCT.search(name)
                if is_clear and names_another(name):
                    found.setdefault(what, []).append(name)
    return found


def is_label(path: str, paths: Iterable[str]) -> bool:
    """Tell whether a value is what people call the thing whose system name is beside it.

    That refers to nothing: `ParticipantRole.Name` beside `ParticipantRole.SystemName`.
    """
    holder, dot, name = path.rpartition(".")
    beside = f"{holder}{dot}SystemName".casefold()
    return name.casefold() == "name" and any(other.casefold() == beside for other in paths)


def names_another(value: str) -> bool:
    """Tell whether a value is a system name that not every environment has."""
    is_built_in = value.casefold().startswith(_BUILT_IN) or value.casefold() in {TRUE, FALSE}
    is_name = _SYSTEM_NAME.fullmatch(value) is not None and not is_guid(value)
    return is_name and not is_built_in


def missing_files(
    component: Entity, specification: Specification
) -> Iterator[tuple[Entity, str, str]]:
    """Yield row, column and name of each file that a value names and the package does not hold."""
    held = {column.casefold() for column in component.cells if column.startswith("Files[")}
    for row in rows_of(component, specification):
        for column, value in row.cells.items():
            is_made = _FILE_IS_MADE.search(WITHIN_LIST.sub("", column))
            if _FILE.fullmatch(value) and not is_made and f"files[{value}]".casefold() not in held:
                yield row, column, value


def held_files(component: Entity) -> list[str]:
    """Return the names of the files that come with a component."""
    return [
        c.removeprefix("Files[").removesuffix("]") for c in component.cells if c[:6] == "Files["
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentValue:
    row: Entity
    column: str
    value: str


def kept_elsewhere(rows: Sequence[Entity]) -> list[EnvironmentValue]:
    """Return the values that refer to a secret of the environment without holding it."""
    return [v for v in _values(rows) if _KEPT_ELSEWHERE.fullmatch(v.value)]


def secrets_of(rows: Sequence[Entity]) -> list[EnvironmentValue]:
    return [v for v in _values(rows) if MASK in v.value]


def addresses_of(rows: Sequence[Entity]) -> list[EnvironmentValue]:
    """Return addresses, hosts and mailboxes that hold no secret."""
    return [v for v in _values(rows) if is_address(f"{v.column} {v.row.machine_name}", v.value)]


def is_address(field: str, value: str) -> bool:
    """Tell whether the value of a field is an address, host or mailbox."""
    is_host = _HOST.fullmatch(value) and _HOST_FIELD.search(field)
    return MASK not in value and bool(_ADDRESS.fullmatch(value) or is_host)


def _values(rows: Sequence[Entity]) -> Iterator[EnvironmentValue]:
    for row in rows:
        for column, value in row.cells.items():
            yield EnvironmentValue(row=row, column=column, value=value)


def _is_own_name(row: Entity, column: str) -> bool:
    """Tell whether a column holds a name of its row, be it in the object called after its kind."""
    holder, _, name = column.rpartition(".")
    if row.kind is EntityKind.COMPONENT and holder.casefold() == noun_of(row).replace(" ", ""):
        holder = ""
    return not holder and name.casefold() in {"systemname", "name"}


Ways = Mapping[str, Sequence[tuple[str, Entity]]]
"""By the system name of a step: what leads to which step."""


def ways_of(steps: Sequence[Entity], others: Sequence[Entity] = ()) -> Ways:
    """Return where each step leads: every value of a step that is the name of another one.

    `others` are further entries of the workflow; one may lead from a step to another.
    """
    by_name = {step_key(step): step for step in steps}
    found: dict[str, list[tuple[str, Entity]]] = {}
    for own, step in by_name.items():
        for column, value in step.cells.items():
            other = by_name.get(value)
            if other is None or value == own or _is_own_name(step, column):
                continue
            holder, _, field = column.rpartition(".")
            if not _BACKWARDS.search(field):
                way = (_way_text(step, holder, field), other)
                if way not in found.setdefault(own, []):
                    found[own].append(way)
    for link in others:
        ends = {c: by_name[v] for c, v in link.cells.items() if v in by_name}
        begins = [step for column, step in ends.items() if _WAY_FROM.match(column)]
        targets = [step for column, step in ends.items() if _WAY_TO.match(column)]
        if len(begins) == len(targets) == 1:
            text = next(
                (v for c, v in link.cells.items() if v and _OUTCOME_COLUMN.fullmatch(c)), ""
            )
            found.setdefault(step_key(begins[0]), []).append((text, targets[0]))
    return found


def step_key(step: Entity) -> str:
    return step.cell("SystemName") or step.cell("Ref") or step.machine_name


def _way_text(step: Entity, holder: str, field: str) -> str:
    """Say what leads on: the outcome beside the target, else the key or the field it is in."""
    for column, value in step.cells.items():
        place, _, name = column.rpartition(".")
        if place == holder and holder and _OUTCOME_COLUMN.fullmatch(name):
            return value
    label = holder.rpartition("[")[2].removesuffix("]") if holder.endswith("]") else ""
    if label and not label.startswith("#"):
        return label
    return "" if _WAY_FIELD.fullmatch(field) else field


def is_plain_step(step: Entity) -> bool:
    """Tell whether a step only begins or ends its workflow."""
    return not _PLAIN_STEP.isdisjoint({step.label.casefold(), *kinds_of_step(step)})


def kinds_of_step(step: Entity) -> set[str]:
    """Return what a step says it is, in lower case."""
    return {
        step.cell(column).casefold()
        for column in ("Type", "Kind", "StepType", "ActionType", "Category")
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWithin:
    """An item of a list inside entries, or an entry of that list itself."""

    values: Mapping[str, str]
    """By field."""
    has_rules: bool
    is_conditional: bool
    """Rules of it, or of what holds it, say more than which values are refused."""


def items_within(rows: Sequence[Entity], list_name: str) -> list[ItemWithin]:
    """Return the items of a list, wherever in a component it is; bars join its usual names."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    ruled: dict[tuple[str, str], bool] = {}
    pattern = rf"(?P<place>(?:.*\.)?(?:{list_name})\[[^\[\]]*\])\.(?P<field>.+)"
    within = re.compile(pattern, re.IGNORECASE)
    lists = list_name.casefold().split("|")
    for row in rows:
        is_entry = row.kind is EntityKind.COMPONENT_ITEM
        if is_entry and section_of(row).rpartition(".")[2].casefold() in lists:
            found[row.key, ""] = dict(row.cells)
        for column, value in row.cells.items():
            if match := within.fullmatch(column):
                found.setdefault((row.key, match["place"]), {})[match["field"]] = value
        holders = [""] if is_entry else []
        for key, place in found:
            if key != row.key:
                continue
            ends = [found_end.end() for found_end in re.finditer(r"\]", place)]
            begins = (*holders, *(f"{place[:end]}." for end in ends))
            rules = [
                (column, value)
                for begin in begins
                for column, value in row.cells.items()
                if value and column.startswith(begin) and _RULE.match(column[len(begin) :])
            ]
            if rules:
                effects = {v.casefold() for c, v in rules if c.endswith("Effect")}
                ruled[key, place] = not effects or not effects <= _REFUSING
    return [
        ItemWithin(values=values, has_rules=at in ruled, is_conditional=ruled.get(at, False))
        for at, values in found.items()
    ]


def called(item: Mapping[str, str]) -> str:
    """Return what people call an item inside an entry."""
    names = ("label", "title", "displayname", "name", "systemname")
    fields = {field.casefold(): value for field, value in item.items()}
    return next((fields[name] for name in names if fields.get(name)), "")
