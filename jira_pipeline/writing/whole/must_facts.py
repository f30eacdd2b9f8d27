"""What a ticket has to say, whoever words it: facts that nobody may build it without.

Which rules read such facts is a table; a fact of one is what the template says of it in one sentence.
A model's sentence lists the facts it covers, and what nothing covers comes as the template's sentence.
The program does not read what a sentence means. It looks whether the names, the values or the topic
of the fact are in it; where they are not, the fact is said twice rather than not at all.

Belongs here: the table, the facts of a ticket, whether a sentence covers one. Does not: the facts
(`drupal/ticket_facts`), their words (the rules), which sentences hold (`judging`).
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from jira_pipeline.drupal.claims import Claim, rendered
from jira_pipeline.drupal.meaning.modules_and_types import modules
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.rules import LAST_RULES, claims_by, rules_of_ticket
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.entity_groups import GroupKind
from jira_pipeline.writing.completion.prompt import plain_of
from jira_pipeline.writing.completion.prose_checks import has_words, normalised


class Coverage(Enum):
    """What a sentence has to have of a fact to cover it."""

    ROWS = "each of its rows by name"
    VALUES = "each of its values"
    MODULES = "each of its modules"
    TABLE = "a word of its topic, or each of its rows by name"
    """Of what the table shows: “every required field of the table” says it of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MustRule:
    """How the facts of one rule are covered."""

    coverage: Coverage
    topic: tuple[str, ...] = ()
    """Beginnings of words, in lower case, by which a sentence speaks of what the table shows."""


def _by_table(*topic: str) -> MustRule:
    return MustRule(coverage=Coverage.TABLE, topic=topic)


_BY_ROWS = MustRule(coverage=Coverage.ROWS)
_BY_VALUES = MustRule(coverage=Coverage.VALUES)
_BY_MODULES = MustRule(coverage=Coverage.MODULES)

MUST_RULES: Mapping[str, MustRule] = {
    "any_kind.removal": _BY_ROWS,
    "any_kind.changed_columns": _BY_ROWS,
    "any_kind.removed_from_list": _BY_ROWS,
    "bundle.items": _by_table("item", "content"),
    "bundle.shared_fields": _BY_ROWS,
    "bundle.referrers": _BY_ROWS,
    "bundle.media_source": _by_table("source"),
    "bundle.modules": _BY_MODULES,
    "bundle.moderated": _by_table("state", "moderat"),
    "bundle.translated": _by_table("translat"),
    "bundle.layout": _by_table("layout"),
    "bundle.permissions": _BY_ROWS,
    "bundle.url_alias": _BY_VALUES,
    "bundle.view_modes": _by_table("view mode", "display"),
    "field.required": _by_table("required", "empty"),
    "field.on_form": _by_table("disabled", "form"),
    "field.target": _by_table("offer", "refer"),
    "field.reuse": _by_table("re-use", "reuse"),
    "field.maximum_length": _by_table("character"),
    "field.allowed_extensions": _by_table("accept", "refuse"),
    "field.file_size": _by_table("mb", "size"),
    "field.allowed_values": _by_table("offer", "option"),
    "field.default_value": _by_table("new", "preset"),
    "field.gone": _BY_ROWS,
    "field.locked": _BY_ROWS,
    "field.text_on_form": _by_table("text"),
    "view.shipped": _by_table("install", "module", "core"),
    "view.base_table": _by_table("index"),
    "view.modules": _BY_MODULES,
    "view.path": _BY_VALUES,
    "view.block": _by_table("block"),
    "view.settings": _by_table("row", "table"),
    "view.changed_displays": _BY_ROWS,
    "view.removed_displays": _BY_ROWS,
    "image_style.style_mapping": _by_table("style"),
    "image_style.fallback": _by_table("fallback"),
    "view_mode.provider": _BY_ROWS,
    "view_mode.name": _BY_ROWS,
    "view_mode.used_on": _BY_ROWS,
    "view_mode.note": _by_table("note"),
    "role.listing": _BY_ROWS,
    "role.provider": _by_table("exist", "there", "core"),
    "role.permission": _by_table("permission"),
    "workflow.states": _by_table("state"),
    "workflow.there_already": _BY_ROWS,
    "workflow.removed": _BY_ROWS,
    "workflow.applies_to": _by_table("moderat"),
    "workflow.publishing": _by_table("publish"),
    "workflow.transition": _by_table("transition"),
    "workflow.transition_roles": _BY_ROWS,
    "migration.run": _by_table("run", "import"),
    "migration.destination": _by_table("item", "destination"),
    "migration.dependencies": _by_table("first", "before"),
}
"""The rules whose facts a ticket has to say, each with what covers them.

Not here: what the story says, and what the table shows and hardly anybody gets wrong, such as types
and widgets. On the 24 tickets that a model wrote whole for two sites, these leave less than one
sentence a ticket to add (`python -m benchmarks must_facts`).
"""


@dataclass(frozen=True, kw_only=True)
class MustFact:
    """A fact that a ticket has to say."""

    name: str
    """What an answer calls it: `m1`."""
    rule: str
    """Key of the rule that reads it, such as `field.required`."""
    claim: Claim
    """What the template says of it."""

    @cached_property
    def html(self) -> str:
        """The sentence of the template."""
        return rendered(self.claim)

    @cached_property
    def text(self) -> str:
        """The same, as plain text with backticks."""
        return plain_of(self.html)

    @property
    def part(self) -> str:
        """The part of a ticket that the template says it in: `analysis` or `verification`."""
        return self.claim.kind.partition(".")[0]

    @property
    def rows(self) -> tuple[Entity, ...]:
        return self.claim.rows

    def is_covered_by(self, sentence: str) -> bool:
        """Tell whether a sentence says enough of it; `sentence` is plain text with backticks."""
        text = normalised(html.unescape(sentence)).casefold()
        must = MUST_RULES[self.rule]
        match must.coverage:
            case Coverage.ROWS:
                return self._are_rows_named_in(text)
            case Coverage.VALUES:
                return _says_all(self._values, text)
            case Coverage.MODULES:
                return _says_all(self._modules, text)
            case Coverage.TABLE:
                return _speaks_of(must.topic, text) or self._are_rows_named_in(text)

    @property
    def _values(self) -> Sequence[str]:
        """What the template's sentence states; a path may be said without its slash."""
        return [value.lstrip("/") for value in self.claim.values]

    def _are_rows_named_in(self, text: str) -> bool:
        """Tell whether a sentence in lower case has a name of each of its rows."""
        return all(_is_named(row, text) for row in self.rows)

    @cached_property
    def _modules(self) -> Sequence[str]:
        """The modules that the template's sentence names: by label, else by machine name."""
        text = normalised(self.text)
        # A label begins with a capital, unlike the same word in `the address pattern`.
        labels = [module.label for module in modules().values() if has_words(module.label, text)]
        named_by_fields = {row.machine_name for row in self.rows}
        machine_names = [word for word in re.findall(r"\w+", text) if "_" in word[1:-1]]
        names = [name for name in machine_names if name not in named_by_fields]
        return [*labels, *names]


def must_facts_of(ticket: TicketRows) -> tuple[MustFact, ...]:
    """Return what a ticket has to say, in the order of the template's text.

    The ticket of a component of a package has none: its rules are not Drupal's.
    """
    facts: list[MustFact] = []
    for rule, claim in _claims_by_rule(ticket):
        if rule in MUST_RULES and claim.kind.partition(".")[0] in {"analysis", "verification"}:
            facts.append(MustFact(name=f"m{len(facts) + 1}", rule=rule, claim=claim))
    return tuple(facts)


def _claims_by_rule(ticket: TicketRows) -> Iterator[tuple[str, Claim]]:
    """Yield what the rules of a ticket claim, each with the key of its rule."""
    of_ticket = rules_of_ticket(ticket)
    if of_ticket is None:
        return
    rows = of_ticket.rows_of(ticket)
    for rule in of_ticket.rules:
        for claim in claims_by((rule,), rows):
            yield rule.key, claim
    if ticket.group.kind is not GroupKind.REMOVAL:
        for rule in LAST_RULES:
            for claim in claims_by((rule,), ticket):
                yield rule.key, claim


def _is_named(row: Entity, text: str) -> bool:
    """Tell whether a sentence in lower case has a name of a row."""
    names = {row.machine_name, row.label, name_of(row)}
    return any(_says(name, text) for name in names)


def _says(words: str, text: str) -> bool:
    """Tell whether a sentence in lower case has some words, as a whole."""
    folded = normalised(words).casefold().strip(" .")
    return bool(folded) and has_words(folded, text)


def _says_all(words: Sequence[str], text: str) -> bool:
    """Tell whether a sentence in lower case has all of some words."""
    return all(_says(phrase, text) for phrase in words)


def _speaks_of(topic: Sequence[str], text: str) -> bool:
    """Tell whether a word of a sentence in lower case begins as one of a topic."""
    beginnings = "|".join(map(re.escape, topic))
    return bool(topic) and re.search(rf"(?<!\w)(?:{beginnings})", text) is not None
