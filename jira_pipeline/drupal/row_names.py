"""What rows and their kinds are called, in questions and claims alike.

Belongs here: names of rows and of what they are about, cells and machine names inside a plain
sentence. Does not: the HTML of claims (`markup`), the sentences themselves (`row_questions`, `claims`).
"""

import re
from collections.abc import Sequence

from jira_pipeline.model.entities import AnyBundleType, Entity, EntityKind, OtherType
from jira_pipeline.model.sheet_names import sheet_noun


def name_of(entity: Entity) -> str:
    """Return what people call an entity: the name of a bundle or component without its type."""
    if entity.kind is EntityKind.COMPONENT:
        return entity.label.rpartition(" (")[0]
    if entity.kind is EntityKind.BUNDLE:
        return entity.cell("Name") or entity.label.rpartition(" (")[0] or entity.label
    return entity.label or entity.machine_name


def subject_of(entity: Entity) -> str:
    """Return the name a question uses for a row: its machine name, else its label."""
    return entity.machine_name if entity.has_machine_name else name_of(entity)


_NAMED_BY_BOTH = frozenset({EntityKind.VIEW_DISPLAY, EntityKind.FIELD})


def marked_subject(entity: Entity) -> str:
    """Name a row as people do: by its label, else by its machine name as literal.

    Displays, mostly labelled `Page`, and fields, labelled as another one is called, go by both.
    """
    label = plain(name_of(entity))
    if not label or label == plain(entity.machine_name):
        return marked(subject_of(entity))
    if entity.kind in _NAMED_BY_BOTH and entity.has_machine_name:
        is_its_kind = label.casefold() == entity.cell("Display plugin").casefold()
        name = marked(entity.machine_name)
        return name if is_its_kind else f"“{label}” ({name})"
    return f"“{label}”"


def noun_of(head: Entity) -> str:
    """Return what a thing that a ticket is about is: `content type`, `view`, a sheet's own noun."""
    if head.kind is EntityKind.CUSTOM:
        return sheet_noun(head.source.file)
    return bundle_noun(head.bundle_type) if head.bundle_type else head.kind.value.replace("_", " ")


def bundle_noun(kind: AnyBundleType | None) -> str:
    """Return the words for a type of bundle, such as `content type`."""
    if isinstance(kind, OtherType):
        return f"{kind.entity_type} bundle"
    return str(kind or "bundle").casefold()


def marked(text: str) -> str:
    """Mark a machine name or cell as literal with backticks, as Markdown does."""
    return "`" + text.replace("`", "'") + "`"


def plain(text: str) -> str:
    """Put cell text into a question without letting it mark anything as literal."""
    return " ".join(text.replace("`", "'").split())


def joined(names: Sequence[str], word: str = "and") -> str:
    """Join names as a sentence does: `A, B and C`."""
    return f"{', '.join(names[:-1])} {word} {names[-1]}" if len(names) > 1 else "".join(names)


def accepted_name(text: str, kind: EntityKind) -> str:
    """Return a text in the characters of machine names, that of a field with its prefix."""
    name = re.sub(r"[^a-z0-9_]+", "_", text.casefold()).strip("_")
    return f"field_{name.removeprefix('field_')}" if kind is EntityKind.FIELD else name
