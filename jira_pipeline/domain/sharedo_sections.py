"""What names the items in the lists of a component, and the path of each value.

Belongs here: natural keys and field paths, shared by tickets and comparison. Does not: what differs
(`sharedo_comparison`).
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.domain.sharedo_packages import JsonValue, canonical_json

NATURAL_KEYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Phases": (("SystemName",),),
    "PhaseTransitions": (("SystemName",),),
    "RoleAssociations": (("SystemName",),),
    "FeatureFrameworkEntries": (("SystemName",), ("PhaseSystemName",)),
    "SharedoTypeRoles": (("ParticipantRoleSystemName",),),
    "Aspects": (("AspectDefinitionSystemName",), ("ZoneName",)),
    "SharedoTypeRolePermissions": (
        ("PermissionSystemName", "Permission"),
        ("ParticipantRoleSystemName", "RoleSystemName", "Role"),
        ("PhaseSystemName", "Phase"),
    ),
    "Relationships": (
        ("ParentSystemName", "ParentSharedoTypeSystemName", "Parent"),
        ("ChildSystemName", "ChildSharedoTypeSystemName", "Child"),
        ("RelationshipTypeSystemName", "TypeSystemName", "Type"),
    ),
    "CalculatedFields": (("Name",),),
    "SyncRules": (),
}
"""Parts of the key of each section, each with the fields that may hold it; no part: no key at all.

Source: sections of eleven exported packages; the alternatives are not proven.
"""
_USUAL_KEYS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("SystemName",),),
    (("Name",),),
    (("Key",),),
)
"""Keys tried for a list that is not named above, in order."""


def natural_keys_of(section: str, items: Sequence[JsonValue]) -> tuple[tuple[str, ...] | None, ...]:
    """Return the natural key of each item of a list; None where it has none.

    `section` is the field that holds the list. Keys are not always unique: two items may share one.
    """
    named = NATURAL_KEYS.get(section)
    if named is not None:
        return tuple(_key_of(item, named) for item in items)
    for usual in _USUAL_KEYS:
        keys = tuple(_key_of(item, usual) for item in items)
        if None not in keys and len(set(keys)) == len(keys):
            return keys
    return (None,) * len(items)


def _key_of(item: JsonValue, parts: tuple[tuple[str, ...], ...]) -> tuple[str, ...] | None:
    if not isinstance(item, dict) or not parts:
        return None
    key = []
    for names in parts:
        found = (
            next((item[name] for name in names if item.get(name) not in {None, ""}), None)
            if all(not isinstance(item.get(name), dict | list) for name in names)
            else None
        )
        key.append("" if found is None else str(found))
    return tuple(key) if any(key) else None


def item_label(key: tuple[str, ...] | None, number: int) -> str:
    """Return how a path names an item: by its natural key, else by its number from 1."""
    return " / ".join(part or "-" for part in key) if key else f"#{number}"


def leaves(
    value: JsonValue, *, section: str = "", path: str = ""
) -> Iterator[tuple[str, JsonValue]]:
    """Yield each value that holds no other, with its path: `Phases[new].Title`.

    Lists come in their order; empty lists and objects are yielded as such. Paths are unique.
    """
    match value:
        case dict() if value:
            for name, inner in value.items():
                yield from leaves(inner, section=name, path=f"{path}.{name}" if path else name)
        case list() if value:
            seen: dict[str, int] = {}
            keys = natural_keys_of(section, value)
            for number, (key, inner) in enumerate(zip(keys, value, strict=True), start=1):
                label = item_label(key, number)
                seen[label] = seen.get(label, 0) + 1
                again = f" ({seen[label]})" if seen[label] > 1 else ""
                yield from leaves(inner, section=section, path=f"{path}[{label}{again}]")
        case _:
            yield path, value


def shown_value(value: JsonValue) -> str:
    """Write a value for people: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else canonical_json(value)
