"""What tickets of ShareDo components claim: what a component brings, needs, and has to be set.

Belongs here: a component that a package brings, by its entries, values and dependencies. Does not:
what differs between two environments (`component_changes`), or what is left open
(`sources/questions/component_questions`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.model.entities import Entity, EntityKind, containing_file
from jira_pipeline.model.entity_groups import GroupAction, GroupKind, RelationKind
from jira_pipeline.sources.questions.question_index import name_of
from jira_pipeline.sources.sharedo.component_use import (
    FALSE,
    TRUE,
    addresses_of,
    called,
    entries_of,
    held_files,
    is_plain_step,
    is_switched_off,
    items_within,
    kept_elsewhere,
    kinds_of_step,
    main_items,
    main_rows,
    named_components,
    named_elsewhere,
    rows_of,
    says_off,
    secrets_of,
    step_key,
    sub_types_of,
    value_of,
    ways_of,
)
from jira_pipeline.sources.sharedo.lexicon import (
    group_of,
    last_name,
    noun_of,
    section_of,
    sharedo_lexicon,
    system_name_of,
)
from jira_pipeline.sources.sharedo.packages import ComponentGroup
from jira_pipeline.writing.claims.claim import Claim, Claims, clause, labels
from jira_pipeline.writing.claims.component_changes import component_claim, listing, own_in_package
from jira_pipeline.writing.fragments import code, count_of, in_quotes, listed, plural, quoted, text
from jira_pipeline.writing.group_facts import GroupFacts

_LISTED_MAX = 12
"""More of them are read better in their table."""
_ROLES_MAX = 3
_GUARDING = re.compile(r"field|expression|rules?\[|condition|approv|permission", re.IGNORECASE)
"""What the path of a guard's value says when it is something to be met."""
_MESSAGES = ("FailureMessage", "ErrorMessage", "Message")
_MINIMUM = ("MinimumCount", "MinOccurs", "MinOccurrences", "Minimum")
_REQUIRED = ("IsRequired", "Required", "IsMandatory", "Mandatory")
_DECIDING = frozenset({"decision", "condition", "gateway", "branch", "if", "switch", "approval"})


@dataclass(frozen=True, kw_only=True, eq=False)
class _Component:
    """A component that a package brings, and what can be claimed of it."""

    facts: GroupFacts

    @property
    def head(self) -> Entity:
        return self.facts.head

    @cached_property
    def rows(self) -> tuple[Entity, ...]:
        return rows_of(self.head, self.facts.session.specification)

    @cached_property
    def entries(self) -> Mapping[str, Sequence[Entity]]:
        return entries_of(self.head, self.facts.session.specification)

    @cached_property
    def sub_types(self) -> list[Entity]:
        return sub_types_of(self.head, self.facts.session.specification)

    @cached_property
    def outside(self) -> list[str]:
        """What values name and neither a package nor a stated dependency is, by kind."""
        session = self.facts.session
        found = named_elsewhere(self.head, session.specification, session.component_names)
        return [
            f"the {kind if len(names) == 1 else plural(kind)} {listed(map(code, names))}"
            for kind, names in found.items()
        ]

    def section(self, name: str) -> Sequence[Entity]:
        return self.entries.get(name, ())

    def place(self, row: Entity, column: str) -> str:
        """Say where a value is: its path, or the entry and its field."""
        if row.key == self.head.key:
            return code(column)
        kind = "value_of_entry" if column == "Value" else "field_of_entry"
        section = text(section_of(row).rpartition(".")[2])
        return clause(kind, column=code(column), entry=quoted(name_of(row)), section=section)

    def story(self) -> Claim:
        noun, items = main_items(self.head, self.facts.session.specification)
        words = {"noun": noun, "nouns": plural(noun), "number": str(len(items))}
        words["names"] = listed(in_quotes(list(map(text, items))))
        having = clause("with_items", count=len(items), **words) if items else ""
        description = value_of(self.head, "Description")
        about = clause("described", text=quoted(description)) if description else ""
        return component_claim(self.facts, "story.component", having=having, description=about)

    def analysis(self) -> Iterator[Claim]:
        facts, head = self.facts, self.head
        package, own = containing_file(head.source.file), own_in_package(facts)
        groups = (g for g in facts.session.groups.values() if g.heads)
        same = [g for g in groups if containing_file(g.heads[0].source.file) == package]
        way = "import_alone" if len(same) == 1 else "export_alone" if own else "import_all"
        yield component_claim(facts, f"analysis.{way}", names=own)
        phases = self.section("Phases")
        starts = [p for p in phases if p.cell("IsStart") == TRUE]
        ends = [quoted(name_of(p)) for p in phases if p.cell("IsEnd") == TRUE]
        if len(starts) == 1:
            start = quoted(name_of(starts[0]))
            yield from listing(facts, "analysis.course", ends, *phases, word="or", start=start)
        if value_of(head, "IsAbstract") == TRUE:
            kind = "analysis.abstract_with" if self.sub_types else "analysis.abstract"
            yield component_claim(facts, kind, names=labels(self.sub_types))
        yield from listing(facts, "analysis.starts", self._starts())
        known = {g.key for g in (*facts.dependents, *facts.deferring, facts.group)}
        naming = [g for g in facts.session.naming.get(head.key, ()) if g.key not in known]
        others = {"needed_by": facts.dependents, "deferring": facts.deferring, "named_by": naming}
        for kind, some in others.items():
            yield from listing(facts, f"analysis.{kind}", [text(group.label) for group in some])
        yield from self._used()
        count = sum(names.count("<code>") for names in self.outside)
        yield from listing(facts, "analysis.outside", self.outside, of_count=count)
        yield from listing(facts, "analysis.files", list(map(code, held_files(head))))
        yield from self._environment()

    def _starts(self) -> list[str]:
        """Say what starts a workflow: its own trigger, and those of work types."""
        if group_of(self.head) is not ComponentGroup.WORKFLOWS:
            return []
        own = [code(v) for c, v in self.head.cells.items() if c.startswith("Trigger.") and v]
        ways = [clause("own_trigger", values=", ".join(own))] if own else []
        specification = self.facts.session.specification
        for other in specification.by_kind[EntityKind.COMPONENT]:
            entries = entries_of(other, specification).items()
            lists = (rows for section, rows in entries if section.endswith("Triggers"))
            triggers = (row for rows in lists for row in rows)
            for row in (r for r in triggers if system_name_of(self.head) in r.cells.values()):
                owner = text(name_of(other))
                ways.append(clause("trigger_of", trigger=quoted(name_of(row)), owner=owner))
        return ways

    def _used(self) -> Iterator[Claim]:
        """Claim what the values name beside the stated dependencies, and what of it is off."""
        facts, session = self.facts, self.facts.session
        named = named_components(self.head, session.specification, session.component_names)
        known_keys = {r.target_key for r in self.head.references}
        each = []
        for key, (other, section) in named.items():
            group = session.making.get(key)
            if key not in known_keys and group is not None and group.key != facts.group.key:
                is_later = group.number > facts.group.number and group.kind is GroupKind.COMPONENT
                kind = "named_later" if is_later else "named_there"
                each.append(clause(kind, what=_called(other), section=text(section)))
        yield from listing(facts, "analysis.also_names", each)
        used = {key: other for key, (other, _) in named.items()}
        used |= {other.key: other for other in session.specification.targets_of(self.head)}
        off = [_called(other) for _, other in sorted(used.items()) if is_switched_off(other)]
        yield from listing(facts, "analysis.used_off", off)

    def _environment(self) -> Iterator[Claim]:
        """Claim which values belong to the environment; its secrets are asked for."""
        secrets, addresses = secrets_of(self.rows), addresses_of(self.rows)
        elsewhere = kept_elsewhere(self.rows)
        each = [f"{code(v.value)} in {self.place(v.row, v.column)}" for v in elsewhere]
        yield from listing(self.facts, "analysis.vault", each)
        places = [self.place(v.row, v.column) for v in addresses]
        yield from listing(self.facts, "analysis.addresses", places)
        if (secrets or addresses) and value_of(self.head, "IsEnabled") == TRUE:
            yield component_claim(self.facts, "analysis.switched_on")

    def verification(self) -> Iterator[Claim]:
        facts, head = self.facts, self.head
        _, noun = sharedo_lexicon().main_sections.get(group_of(head), ("", ""))
        items = main_rows(head, facts.session.specification)
        having = ""
        if items and not any(item.has_column("Allow") for item in items):
            off = [i for i in items if FALSE in map(i.cell, ("Active", "IsActive"))]
            shown = [quoted(name_of(item)) + clause("off") * (item in off) for item in items]
            counted = count_of(len(items), noun)
            having = clause("exactly", count=len(items), counted=counted, names=listed(shown))
        yield component_claim(facts, "verification.component", head, *items, having=having)
        yield from self._trials(items)
        for kind, allow in (("allows", TRUE), ("denies", FALSE)):
            found = [row for row in self.section("Permissions") if row.cell("Allow") == allow]
            names = [code(name_of(row)) for row in found]
            yield from listing(facts, f"verification.{kind}", names, *found)
        yield from self._form_checks()
        columns = self.section("Columns")
        if noun_of(head) == "list view":
            names = [code(c.cell("Field") or name_of(c)) for c in columns]
            yield from listing(facts, "verification.columns", names, *columns)
        if message := head.cell("FailureMessage"):
            yield component_claim(facts, "verification.refuses", message=code(message))
        yield from listing(facts, "verification.files", list(map(code, held_files(head))))
        if secrets := secrets_of(self.rows):
            yield component_claim(facts, "verification.secrets")
        yield from listing(facts, "verification.outside", self.outside)
        if not own_in_package(facts):
            yield component_claim(facts, "verification.imported")
        own = [self.place(v.row, v.column) for v in (*secrets, *addresses_of(self.rows))]
        kept = own if len(own) <= _ROLES_MAX else [clause("own_values")]
        differing = listed([*clause("upkeep").split(", "), *kept])
        kinds = {RelationKind.DEFERRED, RelationKind.RECOMMENDED}
        keys = {relation.group_key for relation in facts.group.relations if relation.kind in kinds}
        after = (g for g in facts.session.in_order if g.number > facts.group.number)
        waited = [g for g in after if g.key in keys and g.action is not GroupAction.UPDATE]
        later = listed([text(group.label) for group in waited])
        kind = "verification.exported_after" if later else "verification.exported"
        yield component_claim(facts, kind, later=later, differing=differing)

    def _trials(self, items: Sequence[Entity]) -> Iterator[Claim]:
        """Claim what can be tried of a component, unless itself says that it is off, or a draft."""
        values = {c.removeprefix("BaseSharedo."): v for c, v in self.head.cells.items()}
        is_off = any(says_off(c, v) for c, v in values.items() if "." not in c)
        if is_off or is_switched_off(self.head):
            return
        if group_of(self.head) is ComponentGroup.WORKFLOWS:
            yield from self._run_checks(items)
        if value_of(self.head, "IsAbstract") == TRUE:
            below = [text(name_of(one)) for one in self.sub_types]
            yield from listing(self.facts, "verification.abstract_with", below)
            if not below:
                yield component_claim(self.facts, "verification.abstract")
            return
        yield from self._course_checks()
        yield from self._right_checks()
        roles = self.section("SharedoTypeRoles")
        needed = [r for r in roles if any(r.cell(column) not in {"", "0"} for column in _MINIMUM)]
        names = [code(r.machine_name) for r in needed]
        yield from listing(self.facts, "verification.roles", names, *needed, word="or")

    def _run_checks(self, steps: Sequence[Entity]) -> Iterator[Claim]:
        """Claim where a run goes on from each step that leads to several, else what it does."""
        ways = ways_of(steps, [row for row in self.rows[1:] if row not in steps])
        branching = [s for s in steps if len({o.key for _, o in ways.get(step_key(s), ())}) > 1]
        for step in branching:
            onward, at = [], quoted(name_of(step))
            for outcome, to in ways[step_key(step)]:
                kind = "way_with" if outcome else "way"
                onward.append(clause(kind, outcome=code(outcome), step=quoted(name_of(to))))
            yield from listing(self.facts, "verification.branch", onward, step, word="or", step=at)
        tried = [quoted(name_of(step)) for step in steps if not is_plain_step(step)]
        is_known = bool(ways) or not any(kinds_of_step(step) & _DECIDING for step in steps)
        if not branching and is_known:
            yield from listing(self.facts, "verification.run", tried, *steps)

    def _course_checks(self) -> Iterator[Claim]:
        """Claim where a case begins, where it can go, and what guards refuse."""
        facts, phases = self.facts, self.section("Phases")
        transitions = self.section("PhaseTransitions")
        names = {p.cell("SystemName"): quoted(name_of(p)) for p in phases}
        starts = [p.cell("SystemName") for p in phases if p.cell("IsStart") == TRUE]
        ways = [(t.cell("FromPhaseSystemName"), t.cell("ToPhaseSystemName")) for t in transitions]
        if len(starts) == 1:
            begin = names[starts[0]]
            onward = dict.fromkeys(names[to] for at, to in ways if at in starts and to in names)
            kind = "verification.begins"
            yield from listing(facts, kind, onward, *transitions, word="or", start=begin)
            left, entered = {at for at, _ in ways}, {to for _, to in ways}
            ends = [p.cell("SystemName") for p in phases if p.cell("IsEnd") == TRUE]
            final = [names[key] for key in ends if key in entered - left]
            yield from listing(facts, "verification.ends", final, *transitions, word="or")
        known = facts.session.component_names.components
        for transition in transitions:
            values = [(c, v) for c, v in transition.cells.items() if "Guard" in c and v]
            messages = [v for c, v in values if c.endswith(_MESSAGES)]
            rules = (rule for _, v in values for rule in known.get(v, ()))  # which guards name
            messages += filter(None, (rule.cell("FailureMessage") for rule in rules))
            can_pass = any(c.endswith("AllowOverride") and v == TRUE for c, v in values)
            if not can_pass and (messages or any(_GUARDING.search(c) for c, _ in values)):
                words = {"transition": quoted(name_of(transition))}
                words["names"] = listed(map(code, messages), word="or")
                kind = "verification.guarded_saying" if messages else "verification.guarded"
                yield component_claim(facts, kind, transition, **words)

    def _right_checks(self) -> Iterator[Claim]:
        """Claim what each role may do in a case: all of it, or what is bound to a phase."""
        phases = {p.cell("SystemName"): text(name_of(p)) for p in self.section("Phases")}
        rights: dict[str, list[tuple[str, str]]] = {}
        for row in self.section("SharedoTypeRolePermissions"):
            role, right = row.cell("ParticipantRoleSystemName"), row.cell("PermissionSystemName")
            if role and right and row.cell("Allow") in {TRUE, ""}:
                phase = row.cell("PhaseSystemName")
                within = f" (in {phases.get(phase) or code(phase)})" if phase else ""
                rights.setdefault(role, []).append((right, within))
        is_short = sum(map(len, rights.values())) <= _LISTED_MAX
        each = [
            clause("may_use", role=code(role), rights=listed(shown))
            for role, held in rights.items()
            if (shown := [code(right) + within for right, within in held if is_short or within])
        ]
        if each:
            yield component_claim(self.facts, "verification.rights", names="; ".join(each))

    def _form_checks(self) -> Iterator[Claim]:
        """Claim the pages of a form, its required fields, rules and lists."""
        facts, group = self.facts, group_of(self.head)
        if group is not ComponentGroup.FORMS:
            return
        items = items_within(self.rows, sharedo_lexicon().main_sections[group][0])
        parts = self.section("Pages") or self.section("Tabs")
        words = {"pages": count_of(len(parts), "page"), "fields": count_of(len(items), "field")}
        titles = [text(name_of(part)) for part in parts]
        yield from listing(facts, "verification.pages", titles, *parts, **words)
        named = [(quoted(name), item) for item in items if (name := called(item.values))]
        always = ((name, item) for name, item in named if not item.is_conditional)
        needed = [name for name, item in always if TRUE in map(item.values.get, _REQUIRED)]
        yield from listing(facts, "verification.fields_required", needed, word="or")
        ruled = [name for name, item in named if item.has_rules]
        yield from listing(facts, "verification.ruled", ruled)
        offering: dict[str, dict[str, None]] = {}
        for name, item in named:
            for column, value in item.values.items():
                if value and last_name(column).casefold() in {"optionset", "optionsetsystemname"}:
                    offering.setdefault(value, {})[name] = None
        for chosen, fields in offering.items():
            yield from listing(facts, "verification.offering", fields, options=code(chosen))


def component_claims(facts: GroupFacts) -> Claims:
    """Claim what a package makes certain of one component."""
    component = _Component(facts=facts)
    return Claims.of((component.story(),), component.analysis(), component.verification())


def _called(component: Entity) -> str:
    return f"{noun_of(component)} {text(name_of(component))}"
