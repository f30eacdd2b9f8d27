"""What one rule found in one row, before rows that raise the same question are joined.

Belongs here: the value and the words for its subjects. Does not: rules, or the joining
(`found_questions`).
"""

from dataclasses import dataclass

from jira_pipeline.model.entities import Entity, EntityKind
from jira_pipeline.sources.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.sources.sharedo.lexicon import CHANGES, change_name, section_of

_NAMED_BY_BOTH = frozenset({EntityKind.VIEW_DISPLAY, EntityKind.FIELD})
SUBJECTS = "{subjects}"
"""Where a question names the rows it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowQuestion:
    """One row that raises a question."""

    rank: int
    """Order among the questions of a ticket: what blocks building comes first."""
    topic: str
    """Rows of one rank, topic and file become one question."""
    entity: Entity
    column: str
    quote: str
    question: str
    """Asked of one row; `{subjects}` is replaced by its machine name."""
    question_for_many: str = ""
    """Asked of several rows; the same words when empty."""
    suggested_answer: str = ""
    """What the sheets make likely; a person accepts it or answers otherwise."""
    suggested_because: str = ""
    """Where the suggestion comes from, such as `same name`."""
    choices: tuple[str, ...] = ()
    """The answers it leaves to choose from; none where it asks for anything."""
    choices_for_many: tuple[str, ...] = ()
    """The same where it is asked of several rows."""
    disputes: str = ""
    """The columns whose cells may be wrong, joined by `; `: no writer states them as facts."""
    compared: tuple[Entity, ...] = ()
    """Rows elsewhere that it speaks of; where they are is said beside the question."""


def subject_of(entity: Entity) -> str:
    """Return the name a question uses for a row: its machine name, else its label."""
    return entity.machine_name if is_machine_name_given(entity) else name_of(entity)


def marked_subject(entity: Entity) -> str:
    """Name a row as people do: by its label, else by its machine name as literal.

    Displays are mostly labelled `Page` or `Block`, and a field may be labelled as another one is
    called: these go by both.
    """
    if entity.kind is EntityKind.COMPONENT_ITEM and section_of(entity) == CHANGES:
        return change_name(entity)
    label = plain(name_of(entity))
    if not label or label == plain(entity.machine_name):
        return marked(subject_of(entity))
    if entity.kind in _NAMED_BY_BOTH and is_machine_name_given(entity):
        is_its_kind = label.casefold() == entity.cell("Display plugin").casefold()
        name = marked(entity.machine_name)
        return name if is_its_kind else f"“{label}” ({name})"
    return f"“{label}”"


def marked(text: str) -> str:
    """Mark a machine name or cell as literal with backticks, as Markdown does."""
    return "`" + text.replace("`", "'") + "`"


def plain(text: str) -> str:
    """Put cell text into a question without letting it mark anything as literal."""
    return " ".join(text.replace("`", "'").split())
