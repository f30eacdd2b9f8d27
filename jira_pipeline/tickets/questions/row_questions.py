"""What one rule found in one row, in the words of `questions.toml`, before rows are joined.

Belongs here: the value, reading the file: rank, and the forms for one row and many. Does not: which
questions there are to ask (a module for each subject), the joining (`found_questions`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jira_pipeline.model.columns import owner_column_of
from jira_pipeline.model.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.model.toml_tables import toml_tables
from jira_pipeline.tickets.questions.question_index import name_of

_NAMED_BY_BOTH = frozenset({EntityKind.VIEW_DISPLAY, EntityKind.FIELD})
SUBJECTS = "{subjects}"
"""Where a question names the rows it is about."""
ANSWER = "{answer}"
"""Where an assumption names the suggested answer."""
_CALLED: Mapping[BundleType | None, str] = {
    BundleType.CONTENT: "{} pages",
    BundleType.VOCABULARY: "List {}",
    BundleType.PARAGRAPH: "Section {}",
    BundleType.BLOCK: "Box {}",
    BundleType.WEBFORM: "Form {}",
}
"""What a client calls a type of bundle."""
FATES = {Status.WAITING: "on hold", Status.DELETED: "to be removed"}
"""Why something that a row names is not there when the row is built."""
NAMED_MAX = 12
"""Of rows in a sentence; more are counted. `subjects` of a question names them all, as do its lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowQuestion:
    kind: str
    """Its key in `questions.toml`."""
    about: str
    """What in its cell it is about, where that may raise several of its kind."""
    rank: int
    """Order among the questions of a ticket: what blocks building comes first."""
    entity: Entity
    column: str
    quote: str
    question: str
    """Asked of one row; `{subjects}` is replaced by its name."""
    question_for_many: str
    """Asked of several rows; they become one question where it is the same."""
    suggested_answer: str
    """What the sheets make likely; a person accepts it or answers otherwise."""
    suggested_because: str
    """Where the suggestion comes from, such as `same name`."""
    choices: tuple[str, ...]
    """The answers it leaves to choose from; none where it asks for anything."""
    choices_of_one: tuple[str, ...]
    """The same where it is asked of one row only."""
    disputes: str
    """The columns whose cells may be wrong, joined by `; `: no writer states them as facts."""
    compared: tuple[Entity, ...]
    """Rows elsewhere that it speaks of; where they are is said beside the question."""
    audience: str
    card: str
    label: str
    client_quote: str
    for_client: str
    client_choices: tuple[str, ...]
    assumption: str
    """As in `OpenQuestion`; `{subjects}` and `{answer}` are replaced."""

    @property
    def key(self) -> str:
        """What it is about: its row, and the passage where a cell may raise several of its kind."""
        return f"{self.entity.key} “{self.about}”" if self.about else self.entity.key


def subject_of(entity: Entity) -> str:
    """Return the name a question uses for a row: its machine name, else its label."""
    return entity.machine_name if entity.has_machine_name else name_of(entity)


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


def marked(text: str) -> str:
    """Mark a machine name or cell as literal with backticks, as Markdown does."""
    return "`" + text.replace("`", "'") + "`"


def plain(text: str) -> str:
    """Put cell text into a question without letting it mark anything as literal."""
    return " ".join(text.replace("`", "'").split())


def joined(names: Sequence[str], word: str = "and") -> str:
    """Join names as a sentence does: `A, B and C`."""
    return f"{', '.join(names[:-1])} {word} {names[-1]}" if len(names) > 1 else "".join(names)


def asked(
    topic: str,
    entity: Entity,
    column: str = "",
    compared: Sequence[Entity] = (),
    /,
    *,
    quote: str = "",
    answer: str = "",
    because: str = "",
    choices: Sequence[str] = (),
    disputes: str = "",
    audience: str = "",
    **words: str,
) -> RowQuestion:
    """Return the question of a row in the words of `questions.toml`, whose places `words` fill.

    What is not given of `because`, `choices` and `disputes` the file may have; where it has the
    column, that one is quoted. Its place `{said}` is for the quote unless `words` fill it.

    What the file says is assumed of an answer is asked where there is none.

    Raises:
        KeyError: There is no such question, or it has a place that nothing fills.
    """
    form = question_forms()[topic]
    headers = joined([f"“{plain(header)}”" for header in entity.unexplained], "or")
    lacks = f"No known column says; does {headers}?" if headers else form.get("lacks", "")
    of_row = {"label": plain(name_of(entity)), "name": entity.machine_name, "said": plain(quote)}
    places = {"subjects": SUBJECTS, "answer": ANSWER, "lacks": lacks, **of_row, **words}
    offered = tuple(choices or (c.format_map(places) for c in form.get("choices", ())))
    for_client, assumed = form.get("client", {}), form.get("assumed", "")
    is_assumed = bool(answer) or ANSWER not in assumed
    return RowQuestion(
        kind=topic,
        about=places.get(form.get("each", ""), ""),
        rank=form["rank"],
        entity=entity,
        column=column or form["column"],
        quote=quote or entity.cell(form.get("column", "")),
        question=form["one"].format_map(places),
        question_for_many=form.get("many", form["one"]).format_map(places),
        suggested_answer=answer,
        suggested_because=(because or form.get("because", "")) if answer else "",
        choices=tuple(dict.fromkeys(offered)),
        choices_of_one=tuple(form.get("choices_of_one", ())),
        disputes=disputes or form.get("disputes", ""),
        compared=tuple(compared),
        audience=audience or form["audience"],
        card=places.get(form.get("card", ""), ""),
        label=label_for_clients(entity),
        client_quote=plain(quote or entity.note) if for_client.get("is_quoted") else "",
        for_client=for_client.get("ask", "").format_map(places),
        client_choices=tuple(for_client.get("choices", for_client.get("ticks", ()))),
        assumption=assumed.format_map(places) * is_assumed,
    )


def label_for_clients(entity: Entity) -> str:
    """Name a row as people do who know the site and not Drupal."""
    owner, label = owner_column_of(entity.kind), plain(name_of(entity))
    if owner and (of := re.sub(r" \([^()]*\)$", "", plain(entity.cell(owner.name)))):
        return f"{of}: {label}"
    of_type = entity.bundle_type if entity.kind is EntityKind.BUNDLE else None
    return _CALLED.get(of_type, "{}").format(f"“{label}”")


@cache
def question_forms() -> Mapping[str, Mapping[str, Any]]:
    """Return the questions by part and topic."""
    parts = toml_tables(__package__, "questions.toml")
    return {f"{part}.{name}": form for part, forms in parts.items() for name, form in forms.items()}
