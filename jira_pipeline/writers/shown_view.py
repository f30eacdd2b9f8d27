"""A view as people meet it: where it is found, for whom, what it lists.

Belongs here: what the story, the analysis and the verification of a view share. Does not: single
displays (`domain/view_displays`), the fields it names (`fields_of_view`), sentences.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupKind
from jira_pipeline.domain.lexicon import lexicon, word_list
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.question_index import (
    SINGULARS,
    is_machine_name_given,
    name_of,
    once_per_session,
    stems_of,
)
from jira_pipeline.domain.role_notes import names_all_people, roles_named_in
from jira_pipeline.domain.view_displays import (
    access_of,
    is_for_administrators,
    is_of_core,
    is_read_by_programs,
    is_shared,
    path_of,
    paths_of,
    plugin_of,
    setting_of,
)
from jira_pipeline.writers.english import count_of, listed, plural, with_article
from jira_pipeline.writers.fields_of_view import FieldsOfView
from jira_pipeline.writers.group_facts import GroupFacts, SessionFacts

WITH_PERMISSION = "a user with permission"
"""Somebody whom the sheets let in without naming a role."""
_PLACES: Mapping[str, tuple[str, str]] = {
    "page": ("on", "page"),
    "block": ("in", "block"),
    "feed": ("in", "feed"),
    "embed": ("in", "Embed display"),
}
"""Where people meet a display without a path; what only other programs read is no place."""


_KINDS: Mapping[str, BundleType] = {
    "content": BundleType.CONTENT,
    "media": BundleType.MEDIA,
    "terms": BundleType.VOCABULARY,
}
"""What a view lists, by the noun for its base table."""


@once_per_session
def _bundles_beginning(session: SessionFacts) -> Mapping[str, Mapping[str, Entity]]:
    """Return the bundles by their names, these without the last letter and by their first words."""
    found: dict[str, dict[str, Entity]] = {}
    for name, bundles in session.index.bundles_called.items():
        words = name.replace("_", " ").split()
        firsts = (" ".join(words[:count]) for count in range(1, len(words)))
        for beginning in (*firsts, " ".join(words), name.replace("_", " ")[:-1]):
            for bundle in bundles if len(beginning) >= _STEM_MIN else ():
                found.setdefault(beginning, {})[bundle.key] = bundle
    return found


_STEM_MIN = 4
_BEFORE_NAME = r"(?:(?!(?:and|or|with|by|for|from|on|in|at|to|their)\b)[\w:-]+ ){0,4}"
"""What may precede the name of what is listed: `Teaser list of future courses`."""
_FILTERED = re.compile(
    r"(?<![<>!])=\s*((?:(?!\bexposed\b)[^()=;\n])+)|\btypes?(?::| in| is| one of)? ([^()=:;.\n]+)",
    re.IGNORECASE,
)
"""What a filter compares with: `Content type (= Article)`, `Published, type Article`."""

_SHAPES = ("archive", "calendar", "finder", "map", "table")
"""What a label says of how a view looks, where the rest names what it lists."""
_CONTEXTUAL = re.compile(
    r"\bcontextual(?: filter)?:? (?:the )?([\w ]+?) ?(?:=|contains\b|is\b|from\b)", re.IGNORECASE
)
"""What a view is given by its page: it lists what belongs to that."""
_FROM_PAGE = r"\bfrom (?:the )?(?:url|path|route)\b"
_CHOSEN = re.compile(
    r"\b(?:exposed|contextual)(?: filters?)?:? ([^;.:=<>()\n]+)"
    rf"|(?:^|[;,])\s*+([^;,.:=<>()\n]*?[^\s;,.:=<>()])\s*+(?:[=<>]|{_FROM_PAGE})",
    re.IGNORECASE,
)
"""Fields that visitors or the page choose by, or that a filter compares."""
_NAMES_ROLES = re.compile(r":|\broles?\b|^access\b", re.IGNORECASE)
"""What shows that access is for the roles it names, and for nobody else."""
_FOR_ALL = re.compile(
    r"^\W*$|\b(?:all|every\w+|any\w+|none|open|public\w*|unrestricted|anonymous|visitors?|published|"
    r"access content)\b"
)
"""What a column says of access that is open to everybody."""


_OF_PERIOD = re.compile(r"(?:not )?over|start|end|(?:in )?(?:the )?(?:past|future)|upcoming|ended")
"""What a filter or sorting says of a field of dates, after its label."""
_SEARCH = re.compile(r"\bfull[- ]?text\b|\bsearch(?! api)\b", re.IGNORECASE)
_SUBMISSIONS = re.compile(r"\b(?:submissions|webforms?)\b", re.IGNORECASE)
_STATE = re.compile(r"\bstate\W+(?:is )?([^;\n]*)", re.IGNORECASE)
"""The states that a filter compares with, and what else stands behind them."""
_TAIL = re.compile(
    r" (?:of|about|by|for|with|on|in|to|near|around|from|whose|where|which|that|\w+ed by)\b"
)
"""Where what is listed ends and what is said of it begins."""
_GONE = frozenset({Status.DELETED, Status.WAITING})


def _is_for(role: Entity, sentence: str) -> bool:
    """Tell whether a description says that something is for a role: `Queue for the pilots`."""
    label = re.escape(role.label)
    return bool(label) and bool(re.search(rf"\bfor (?:the )?{label}s?\b", sentence, re.IGNORECASE))


@once_per_session
def views_listing(
    session: SessionFacts,
) -> Mapping[str, Sequence[tuple[bool, bool, int, int, str]]]:
    """Return the views that list a bundle, by its key, without those for who runs the site.

    Of each: whether it is for some roles only, whether it has no page, how many bundles it lists,
    the number of its ticket, its label.
    """
    found: dict[str, list[tuple[bool, bool, int, int, str]]] = {}
    for group in session.groups.values():
        if group.kind is GroupKind.VIEW and not group.is_hollow:
            view = shown_view(GroupFacts(group=group, session=session))
            bundles = () if view.is_administrative else view.listed_bundles
            for bundle in bundles:
                has_page = any(map(path_of, view.displays))
                known = (bool(view.roles), not has_page, len(bundles), group.number)
                found.setdefault(bundle.key, []).append((*known, name_of(group.heads[0])))
    return found


@once_per_session
def _shown_views(session: SessionFacts) -> dict[str, "ShownView"]:
    return {
        group.key: ShownView(facts=GroupFacts(group=group, session=session))
        for group in session.groups.values()
    }


def shown_view(facts: GroupFacts) -> "ShownView":
    """Return the view of a ticket, the same one for all that the session says of it."""
    return _shown_views(facts.session)[facts.group.key]


@dataclass(frozen=True, kw_only=True)
class ShownView:
    """A view as people meet it."""

    facts: GroupFacts

    @cached_property
    def displays(self) -> tuple[Entity, ...]:
        """The displays that are rendered by themselves: no shared settings, no attachments."""
        rows = self.facts.to_build or [r for r in self.facts.rows if r.status not in _GONE]
        return tuple(d for d in rows if not is_shared(d) and plugin_of(d) != "attachment")

    @cached_property
    def is_administrative(self) -> bool:
        """Tell whether nobody but people who run the site meets this view."""
        head = self.facts.head
        if head.machine_name in lexicon().admin_views:
            return not any(plugin_of(d) == "block" for d in self.displays)
        pages = [d for d in self.displays if plugin_of(d) == "page" or path_of(d)]
        if pages and len(pages) == len(self.displays):
            return all(is_for_administrators(page) for page in pages)
        description = f"{head.cell('Description')} {head.cell('Notes')}"
        return not self.displays and bool(lexicon().admin.search(description))

    @cached_property
    def roles(self) -> tuple[Entity, ...]:
        """The roles that its access names, where no display is open to anybody else.

        Where nothing says who has access to an administrative one: the roles whose rows name it,
        else those its description says it is for.
        """
        roles = self.facts.session.specification.by_kind[EntityKind.USER_ROLE]
        found: dict[str, Entity] = {}
        general = (access_of(self.shared) if self.shared else "") or access_of(self.facts.head)
        roles_by_sentence = (
            (s, roles_named_in(s, roles)) for s in sentences_of(self.facts.head.note)
        )
        general = general or next(
            (s for s, who in roles_by_sentence if who and names_all_people(s, who)), ""
        )
        for display in self.displays:
            access = access_of(display) or general
            for role in roles:
                if "_" in role.machine_name:
                    access = re.sub(rf"\b{re.escape(role.machine_name)}\b", role.label, access)
            named = roles_named_in(access, roles)
            is_page = bool(path_of(display)) and not is_for_administrators(display)
            is_whole = _NAMES_ROLES.search(access) or names_all_people(access, named)
            if (not named and (access or is_page)) or (named and not is_whole):
                return ()
            found.update((role.key, role) for role in named)
        if self.is_administrative and not found:
            naming = self.facts.naming_roles(self.facts.head)
            description = self.facts.head.cell("Description")
            audience = [r for r in roles if r.status not in _GONE and _is_for(r, description)]
            found = {role.key: role for role in naming or audience}
        is_public = any(r.machine_name in lexicon().public_roles for r in found.values())
        return () if is_public else tuple(found.values())

    @cached_property
    def shared(self) -> Entity | None:
        """The display that holds what the others inherit."""
        return next((d for d in self.facts.to_build if is_shared(d)), None)

    @cached_property
    def is_for_named_people(self) -> bool:
        """Tell whether a note says for whom it is, in words that are not all names of roles."""
        roles = self.facts.session.specification.by_kind[EntityKind.USER_ROLE]
        rows = (self.facts.head, *self.displays)
        named = any(roles_named_in(row.note, roles) for row in rows)
        return named or bool(access_of(self.facts.head))

    @cached_property
    def people(self) -> str:
        """Who meets it where no role is named: everybody, unless only its pages lack a path."""
        if self.is_administrative:
            return WITH_PERMISSION if self.is_for_named_people else "an administrator"
        if is_of_core(self.facts.head):
            return "a visitor"
        places = [d for d in self.displays if plugin_of(d) in _PLACES or path_of(d)]
        is_silent = not any(setting_of(d, "access") for d in (self.facts.head, *self.displays))
        if not self.displays and is_silent and not self.is_for_named_people:
            return "a visitor"
        if not places:
            return WITH_PERMISSION
        kinds = {bundle.bundle_type for bundle in self.listed_bundles}
        is_shown = kinds == {BundleType.CONTENT}
        is_shown |= kinds == {BundleType.MEDIA} and any(map(path_of, places))
        if is_silent and is_shown and not self.is_for_named_people:
            return "a visitor"
        is_open = any(
            (plugin_of(d) != "page" or path_of(d))
            and _FOR_ALL.search(setting_of(d, "access").casefold())
            for d in places
        )
        return "a visitor" if is_open else WITH_PERMISSION

    def has_several(self, display: Entity, kind: str = "") -> bool:
        """Tell whether a view without rows for its displays has several of a kind: `Two blocks`."""
        noun = plural(kind or plugin_of(display))
        is_view = display.kind is EntityKind.VIEW
        return is_view and bool(re.search(rf"\b{noun}\b", display.note, re.IGNORECASE))

    def places(self, *, at_most: int) -> str:
        """Say where people find it, with a space before; empty where the sheets name no place."""
        is_for_staff = self.is_administrative or bool(self.roles)
        paths: list[str] = []
        titles: dict[str, list[str]] = {}
        for display in self.displays:
            plugin = plugin_of(display)
            is_for_others = is_for_administrators(display) and not is_for_staff
            is_export = is_read_by_programs(display) and plugin != "feed"
            if is_for_others or is_export:
                continue
            if path := path_of(display):
                paths += [path, *(other for other, _ in paths_of(display))]
            elif plugin in _PLACES:
                untitled = {"", plugin, self.facts.name.casefold()}
                is_titled = display.label.casefold().strip(" 0123456789") not in untitled
                titles.setdefault(plugin, []).append(f"“{display.label}”" if is_titled else "")
        paths = list(dict.fromkeys(paths))
        parts = [f"at {listed(paths, at_most=at_most)}"] if paths else []
        for plugin, found in titles.items():
            place, noun = _PLACES[plugin]
            if any(plugin_of(d) == plugin and self.has_several(d) for d in self.displays):
                parts.append(f"{place} {plural(noun)}")
            elif len(found) > 1 and (not all(found) or len(found) > at_most):
                parts.append(f"{place} {count_of(len(found), noun)}")
            elif all(found):
                which = noun if len(found) == 1 else plural(noun)
                parts.append(f"{place} the {which} {listed(found)}")
            else:
                parts.append(f"{place} {with_article(noun)}")
        joined = ", and ".join(parts) if parts[1:] and " and " in parts[0] else listed(parts)
        return f" {joined}" if parts and parts != ["on a page"] else ""

    @cached_property
    def listed_bundles(self) -> tuple[Entity, ...]:
        """The bundles that a filter names or a note begins with, else those it is called by."""
        filters = "; ".join(setting_of(display, "filters") for display in self.facts.to_build)
        compared = {
            part.strip(' ."“”').casefold()
            for match in _FILTERED.finditer(filters)
            for part in re.split(r",| and | or ", match[1] or match[2])
        }
        called = self.facts.session.index.bundles_called
        found = [b for name in sorted(compared - {"", "-"}) for b in called.get(name, ())]
        found = sorted(
            (b for b in found if b.status not in _GONE),
            key=lambda b: (b.source.file, b.source.line),
        )
        if not found:
            given = {name.casefold() for name in _CONTEXTUAL.findall(filters)}
            found = self._called(self.facts.head)
            if not self.is_search:
                found = found or [b for d in self.displays for b in self._called(d)]
            found = [b for b in found if name_of(b).casefold() not in given]
        found = found or self._sent or self._filterable or self._ending or self._moderated
        found = found or self._inflected
        return tuple({b.key: b for b in found}.values())

    @cached_property
    def _sent(self) -> list[Entity]:
        """The forms that its filters or label name, where it lists what people send with them."""
        rows = (self.facts.head, *self.facts.to_build)
        cells = " ".join(cell for row in rows for cell in row.cells.values())
        if not _SUBMISSIONS.search(cells):
            return []
        filters = " ".join([self.facts.head.label, *(setting_of(r, "filters") for r in rows)])
        return [
            form
            for form in self.facts.session.specification.by_kind[EntityKind.BUNDLE]
            if form.bundle_type is BundleType.WEBFORM and form.status not in _GONE
            if re.search(rf"(?<!\w){re.escape(name_of(form))}(?!\w)", filters, re.IGNORECASE)
        ]

    @cached_property
    def _ending(self) -> list[Entity]:
        """The bundles whose names the first words of a filter, note or label end with: `Past events`.

        A last word will do if one name alone ends with it, any other if what has that name has
        every field the filters name.
        """
        rows = self.facts.to_build
        noted = [*sentences_of(self.facts.head.note)[:1]]
        noted += [s for row in rows for s in sentences_of(row.note) if s.startswith("All ")]
        cells = [setting_of(row, "filters") for row in rows]
        cells += [*(() if self.is_search else noted), self.facts.head.label]
        # a display titled `Page` is one, whatever a content type is called
        titles = [row.label for row in rows if row.label.casefold() not in _PLACES]
        for cell in [*cells, *titles, self.facts.head.cell("Description")]:
            phrase = _TAIL.split(re.split(r"[,;:.(\n]", cell)[0])[0]
            found = [self._ended(part) for part in re.split(r" and | or ", phrase)]
            if all(found):
                return [bundle for bundles in found for bundle in bundles]
        return []

    def _ended(self, phrase: str) -> list[Entity]:
        """Return the bundle whose name a phrase in the plural ends with."""
        words = [w for w in re.findall(r"[\w-]+", phrase) if w.casefold() not in _SHAPES]
        kinds = {*self._kinds, BundleType.BLOCK}
        by_stem = self.facts.session.index.bundles_by_stem
        is_plural = bool(words) and (words[-1].endswith("s") or words[-1].casefold() in SINGULARS)
        tails = [stems_of(" ".join(words[start:])) for start in range(len(words))]
        for tail in tails:
            near = [b for b in by_stem.get(min(tail, default=""), ()) if b.bundle_type in kinds]
            same = [b for b in near if b.status not in _GONE and tail == stems_of(name_of(b))]
            if len(same) == 1 and (is_plural or phrase == name_of(same[0])):
                return same
        if not is_plural:
            return []
        near = [b for stem in tails[-1] for b in by_stem.get(stem, ())]
        near = [b for b in near if b.bundle_type in kinds and b.status not in _GONE]
        ending = [b for b in near if stems_of(name_of(b).split()[-1]) == tails[-1]]
        chosen = self._chosen_fields
        having = self.facts.session.bundles_with_field
        holding = [b for b in near if chosen and all(b.key in having[f] for f in chosen)]
        begun = [b for b in near if stems_of(name_of(b).split()[0]) == tails[-1]]
        found = ending or holding or begun
        return found if len(found) == 1 else []

    @cached_property
    def _inflected(self) -> list[Entity]:
        """The one bundle whose name it begins or has with another ending: `News`, `Bureaux`."""
        head, beginning = self.facts.head, _bundles_beginning(self.facts.session)
        paths = [path_of(d).rpartition("/")[2].replace("-", " ") for d in self.displays]
        found = {
            key: bundle
            for name in (head.label, head.machine_name.replace("_", " "), *paths)
            for length in (0, 1, 2)
            for key, bundle in beginning.get(name.casefold()[: len(name) - length], {}).items()
            if bundle.bundle_type in self._kinds and bundle.status not in _GONE
        }
        return list(found.values()) if len(found) == 1 else []

    @cached_property
    def states_compared(self) -> tuple[Entity, ...]:
        """The states of workflows that filters compare with, by label or machine name.

        A filter by status is for what is published at all.
        """
        filters = "; ".join(
            setting_of(display, "filters") for display in (self.facts.head, *self.facts.to_build)
        )
        compared = {
            named
            for match in _STATE.finditer(filters)
            for item in re.split(r"[,|]|\bor\b", match[1])
            for name in [item.strip(" .“”\"'").casefold()]
            for named in (name, name.removeprefix("in "))
        }
        return tuple(
            state
            for state in self.facts.session.specification.by_kind[EntityKind.WORKFLOW_STATE]
            if not compared.isdisjoint((state.label.casefold(), state.machine_name.casefold()))
            and is_machine_name_given(state)
        )

    @cached_property
    def _moderated(self) -> list[Entity]:
        """What the one workflow moderates whose state the filters compare with."""
        session = self.facts.session
        workflows = {state.owner_key for state in self.states_compared}
        return [
            bundle
            for bundle in session.index.moderated
            if len(workflows) == 1 and (found := session.index.workflow_of(bundle))
            if found[0].key in workflows
        ]

    @cached_property
    def fields(self) -> FieldsOfView:
        """The fields that it names."""
        return FieldsOfView(facts=self.facts, listed=self.listed_bundles)

    @property
    def is_search(self) -> bool:
        """Tell whether people search by words what it lists, whatever that is."""
        rows = (self.facts.head, *self.facts.to_build)
        cells = [self.facts.head.label, *(setting_of(row, "filters") for row in rows)]
        return any(map(_SEARCH.search, cells))

    @cached_property
    def _filterable(self) -> list[Entity]:
        """The one bundle that has every field the filters are on, unless they name others.

        Beside filters on what nobody knows as a field it takes two that are.
        """
        filters = "; ".join(setting_of(display, "filters") for display in self.facts.to_build)
        having = self.facts.session.bundles_with_field
        keys = [having[name] for name in sorted(self._chosen_fields)]
        same = [b for key, b in keys[0].items() if all(key in k for k in keys)] if keys else []
        kinds = [self._kinds]
        if not self.facts.head.has_column("Base table"):
            kinds.append({BundleType.MEDIA})
        found = next(filter(None, ([b for b in same if b.bundle_type in k] for k in kinds)), [])
        index = self.facts.session.index
        others = [b for word in stems_of(filters) for b in index.bundles_by_stem.get(word, ())]
        names = [plural(name_of(b)).casefold() for b in others if b.bundle_type in self._kinds]
        is_unclear = any(name in filters.casefold() for name in names)
        return found if len(found) == 1 and not is_unclear else []

    @cached_property
    def _chosen_fields(self) -> frozenset[str]:
        """The labels of fields, in lower case, that its filters and sorting name."""
        filters = "; ".join(setting_of(display, "filters") for display in self.facts.to_build)
        having = self.facts.session.bundles_with_field
        names = {
            name.strip(' ."“”').casefold()
            for match in _CHOSEN.finditer(filters)
            for name in re.split(r",| and ", match[1] or match[2])
        }
        names = {self._beginning(name) if name not in having else name for name in names}
        names |= {
            label
            for display in self.facts.to_build
            for setting in ("filters", "sort")
            for item in re.split(r"[,;\n]", setting_of(display, setting).casefold())
            if (label := self._beginning(item.strip())) in having
        }
        names -= {"", *word_list("fields_of_anything")}
        known = frozenset(names & having.keys())
        return known if known == names or len(known) > 1 else frozenset()

    def _beginning(self, item: str) -> str:
        """Return the label that an item of a filter begins with, else the item.

        A label of one word counts before a word for a part of a period: `Run over`.
        """
        words = item.split()
        is_period = _OF_PERIOD.fullmatch(" ".join(words[1:]))
        labels = (
            " ".join(words[:length]) for length in range(len(words), 0 if is_period else 1, -1)
        )
        having = self.facts.session.bundles_with_field
        return next((label for label in labels if label in having), item)

    def _called(self, row: Entity) -> list[Entity]:
        """Return what a view or display lists, where its words are or begin with the name of that."""
        words = stems_of(row.label) - stems_of(" ".join([*word_list("listing_words"), *_SHAPES]))
        cells = (row.label.casefold(), row.cell("Description").casefold())
        if not self.facts.head.has_column("Base table"):
            return []
        return [
            bundle
            for bundle in self.facts.session.index.listed_by(row)
            if not self._kinds or bundle.bundle_type in self._kinds
            for name in [re.escape(plural(name_of(bundle)).casefold())]
            if words <= stems_of(name_of(bundle))
            or any(re.match(rf"{_BEFORE_NAME}{name}\b(?!,| and\b)", cell) for cell in cells)
        ]

    @cached_property
    def _kinds(self) -> set[BundleType]:
        """What the base table holds; content where no cell says it."""
        if not self.facts.head.cell("Base table"):
            return {BundleType.CONTENT}
        words = set(re.findall(r"[a-z]+", self.facts.head.cell("Base table").casefold()))
        nouns = {lexicon().listed_nouns.get(word) for word in words}
        return {kind for noun, kind in _KINDS.items() if noun in nouns}

    @cached_property
    def _are_alike(self) -> bool:
        """Tell whether what the filter of one display names is what every other one lists.

        Unless the view is called by what it lists.
        """
        called = stems_of(self.facts.head.label)
        if all(called & stems_of(name_of(bundle)) for bundle in self.listed_bundles):
            return True
        like = re.compile(r"as\b|like\b|same\b", re.IGNORECASE)
        cells = [(d, setting_of(d, "filters")) for d in self.displays]
        naming = [self.names_listed(d) for d, cell in cells if cell and not like.match(cell)]
        return all(naming) or not any(naming)

    def names_listed(self, display: Entity) -> bool:
        """Tell whether the filter of a display names what the view lists."""
        cell = setting_of(display, "filters").casefold()
        names = [n.casefold() for b in self.listed_bundles for n in (name_of(b), b.machine_name)]
        return any(name in cell for name in names)

    def listed_things(self, *, at_most: int, display: Entity | None = None) -> str:
        """Name what the view, or one display, lists: by name, else by base table; empty if unknown.

        A visitor finds content everywhere; only who manages all of it finds it in one place.
        """
        own = self.facts.session.index.listed_by(display) if display is not None else ()
        bundles = own if own and own[0] in self.listed_bundles else self.listed_bundles
        if display is not None and not own and len(bundles) > 1 < len(self.displays):
            return ""  # one of them, nobody knows which
        if not own and not self._are_alike:
            return ""
        if bundles:
            names = [name_of(bundle) for bundle in bundles]
            kinds = {bundle.bundle_type for bundle in bundles}
            noun = {
                BundleType.VOCABULARY: "terms",
                BundleType.MEDIA: "media",
                BundleType.WEBFORM: "submissions",
                BundleType.BLOCK: "blocks",
            }
            kind = next(iter(kinds)) if len(kinds) == 1 else None
            return f"{listed(names, at_most=at_most)} {noun.get(kind or BundleType.CONTENT, 'content')}"
        words = re.split(r"[\W_]+", self.facts.head.cell("Base table").casefold())
        nouns = lexicon().listed_nouns
        found = next((nouns[word] for word in words if word in nouns), "")
        if "index" in words:
            return "content"
        return "" if found == "content" and not is_of_core(self.facts.head) else found
