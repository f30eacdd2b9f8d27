"""How sheets name things: `Name (Type)`, lists of names, names that nearly match.

Belongs here: pure rules about text. Does not: which column names what (`sheet_kinds`, `entities`).
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from jira_pipeline.model.entities import (
    TYPES_READ_LATER,
    AnyBundleType,
    BundleType,
    OtherType,
    case_folded,
)
from jira_pipeline.sheets.reading.closed_words import meaning_of_cell, without_signs
from jira_pipeline.sheets.reading.translations import known_languages, once_each_text, plain_letters

_LAST_GROUP = re.compile(r"^(?P<name>.*\S)\s*\((?P<type>[^()]*)\)$", re.DOTALL)
_LAST_OTHER_GROUP = re.compile(
    r"^(?P<name>.*\S)\s*\((?P<type>other\s*\(\w+\))\)$", re.DOTALL | re.IGNORECASE
)
_OTHER_TYPE = re.compile(r"other\s*\(\s*(?P<entity_type>[a-z][a-z0-9_]*)\s*\)", re.IGNORECASE)
"""A machine name as Drupal has them; anything else in brackets is a remark."""
_WORD = re.compile(r"[^\W_]+")
_BETWEEN = re.compile(r"[^\w'’]+")
"""What may be between a name and its type."""
_ENTITY = re.compile(r"^entity\s*[:./]\s*", re.IGNORECASE)
"""Before the type in ids of Drupal: `entity:node/boat`."""
_AROUND_NAMES = " \"'“”\u2018’«»()[]{}<>.:;,"
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
_WILDCARD = re.compile(
    r"\*|(all|any|every)(\s+(\d+|two|three|four|five|six|seven|eight|nine|ten|of|other|but|except|types?|bundles?|contents?|nodes?|paragraphs?|components?|media"
    r"|vocabular(y|ies)|taxonom(y|ies)|terms?|(custom )?blocks?)\b.*)?",
    re.DOTALL,
)

_GROUP = re.compile(
    r"(?:(?:form|field) ?)?(?:tab|group|fieldset|field set)\s*[:–—-]\s*(?P<after>\S.*)"
    r"|(?P<before>\S.*?)\s*(?P<open>\()?(?:(?:form|field) ?)?(?:tab|group|fieldset)(?(open)\))",
    re.IGNORECASE,
)

_TYPE_SPELLINGS = {
    BundleType.CONTENT: ("content", "contenttype", "ct", "node", "nodetype", "pagetype", "kindofpage",
                           "kindsofpage", "typeofpage", "typesofpage", "typeofcontent",
                           "typesofcontent"),
    BundleType.PARAGRAPH: ("paragraph", "paragraphtype", "paragraphs", "paragraphstype", "para"),
    BundleType.VOCABULARY: ("vocabulary", "vocabularies", "vocab", "taxonomy", "taxonomies",
                            "taxonomyvocabulary", "term", "taxonomyterm"),
    BundleType.MEDIA: ("media", "mediatype", "mediaentity"),
    BundleType.BLOCK: ("block", "blocktype", "customblock", "customblocktype", "contentblock",
                       "contentblocktype", "blockcontent", "blockcontenttype"),
    BundleType.WEBFORM: ("webform", "webformtype"),
    BundleType.USER: ("useraccount", "accountofuser", "usertype"),
    BundleType.COMMENT: ("commenttype", "typeofcomment", "typesofcomment"),
    BundleType.GROUP: ("grouptype", "typeofgroup", "typesofgroup"),
    BundleType.PROFILE: ("profiletype", "userprofiletype", "typeofprofile", "typesofprofile"),
    BundleType.PRODUCT: ("producttype", "commerceproducttype", "commerceproduct"),
    BundleType.PRODUCT_VARIATION: ("productvariationtype", "commerceproductvariationtype",
                                   "commerceproductvariation", "productvariation"),
    BundleType.MESSAGE: ("messagetemplate", "messagetype"),
    BundleType.CONFIG_PAGE: ("configpage", "configpagetype", "configpagestype",
                             "configurationpage"),
}  # fmt: skip
_TYPE_OF = {
    spelling: bundle_type
    for bundle_type, spellings in _TYPE_SPELLINGS.items()
    for base in spellings
    for spelling in (base, f"{base}s")
}
_WORDS_OF_TYPE_CELLS: Mapping[str, BundleType] = {
    word: bundle_type
    for words, bundle_type in (
        (("user", "users", "account", "accounts"), BundleType.USER),
        (("comment", "comments"), BundleType.COMMENT),
        (("group", "groups"), BundleType.GROUP),
        (("profile", "profiles", "userprofile", "userprofiles"), BundleType.PROFILE),
        (("product", "products"), BundleType.PRODUCT),
        (("variation", "variations"), BundleType.PRODUCT_VARIATION),
        (("message", "messages"), BundleType.MESSAGE),
    )
    for word in words
}
"""Words that are a type in a cell for one only: elsewhere they are what many things are called."""


@cache
def _types_abroad() -> Mapping[str, BundleType]:
    """Return the types of bundles by their names in other languages, as plain letters."""
    return {
        word: BundleType(name)
        for language in known_languages()
        for word, name in language.types.items()
    }


_CANDIDATE_COUNT = 3
_CANDIDATE_POOL = 30
"""Labels compared in full for one name; a site 100 times UWEC has 9,500 bundles."""
_WORD_LIKENESS = 0.8
"""`event` and `evnet` are 0.8 alike; `card` and `care`, two words, 0.75; `event` and `department`
0.53."""
_WORDS_OF_AN_END = 200
"""Words with the same first or last letters that are compared with one that nobody knows."""
_NAME_CHARACTERS_MAX = 120
"""Longer texts are no names, and slow to compare."""
_ENDS = 2
"""A misspelt word has the first or the last letters of the right one."""


@once_each_text
def folded(text: str) -> str:
    """Reduce a label to what comparison looks at: no case, single spaces, one form of a letter."""
    return " ".join(case_folded(text).split())


def alphanumeric(text: str) -> str:
    """Reduce a label to its letters and digits, in lower case."""
    return _NOT_ALPHANUMERIC.sub("", folded(text))


@once_each_text
def bundle_type_of(text: str) -> AnyBundleType | None:
    """Recognise a type in its long and short spellings: `Paragraph`, `Custom block types`."""
    other = _OTHER_TYPE.fullmatch(text.strip())
    if other is not None:
        return _type_of_other(other["entity_type"].lower())
    return _type_of_word(text) or meaning_of_cell(text, _type_of_word)


def _type_of_other(entity_type: str) -> AnyBundleType | None:
    """Return the type of an entity type; nothing for one whose bundles have a word of their own."""
    bundle_type = _type_of_cell(entity_type)
    if bundle_type is None:
        return OtherType(entity_type)
    return bundle_type if bundle_type in TYPES_READ_LATER else None


@once_each_text
def type_in_cell(text: str) -> AnyBundleType | None:
    """Recognise what a cell for a type says, where `User` can be nothing else than user accounts."""
    return bundle_type_of(text) or meaning_of_cell(text, _type_of_cell)


def _type_of_cell(word: str) -> BundleType | None:
    return _type_of_word(word) or _WORDS_OF_TYPE_CELLS.get(alphanumeric(word))


def _type_of_word(word: str) -> BundleType | None:
    return _TYPE_OF.get(alphanumeric(word)) or _types_abroad().get(plain_letters(word))


def bundle_type_within(text: str) -> AnyBundleType | None:
    """Return the first type that a word of a text is: `Ref (media)`."""
    for word in _WORD.findall(text):
        bundle_type = bundle_type_of(word)
        if bundle_type is not None:
            return bundle_type
    return None


def bundle_label(name: str, type_text: str) -> str:
    """Write `Name (Type)`, with the type in the spelling of `BundleType` where it is known."""
    bundle_type = bundle_type_of(type_text)
    shown = type_text if bundle_type is None else bundle_type.value
    return f"{name} ({shown})" if shown else name


def split_bundle_label(text: str) -> tuple[str, AnyBundleType | None]:
    """Split `Name (Type)` at the last group in parentheses, if that is a type."""
    match = _LAST_GROUP.match(text) or _LAST_OTHER_GROUP.match(text)
    bundle_type = bundle_type_of(match["type"]) if match else None
    if match is None or bundle_type is None:
        return text, None
    return match["name"], bundle_type


def halves_of_names(text: str) -> Iterator[tuple[str, str]]:
    """Yield what is before and after each place where a text may end one name and begin another."""
    if len(text) > _NAME_CHARACTERS_MAX:
        return
    plain = without_signs(text)
    for between in _BETWEEN.finditer(plain):
        before = plain[: between.start()].strip(_AROUND_NAMES)
        after = plain[between.end() :].strip(_AROUND_NAMES)
        if before and after:
            yield before, after


def names_beside_types(text: str) -> Iterator[tuple[str, AnyBundleType | None]]:
    """Yield what a text may name, each with the type that is written before or after it.

    What is between both may be anything that is no letter: `node.boat`, `Content type: Boat`,
    `Boat [Content type]`, `Boat content type`. Signs around it are no part of a name.
    """
    if len(text) > _NAME_CHARACTERS_MAX:
        return
    plain = without_signs(text)
    plain = _ENTITY.sub("", plain)
    if plain != text:
        yield split_bundle_label(plain)
    for between in _BETWEEN.finditer(plain):
        before = plain[: between.start()]
        after = plain[between.end() :]
        for name, type_text in ((after, before), (before, after)):
            bundle_type = bundle_type_of(type_text) if name and type_text else None
            if bundle_type is not None:
                yield name.strip(_AROUND_NAMES), bundle_type


def group_named(text: str) -> str:
    """Return the field group that a heading says it is: `Tab: Media`, `Media (group)`."""
    match = _GROUP.fullmatch(text)
    return (match["after"] or match["before"]) if match else ""


def is_wildcard(text: str) -> bool:
    """Tell whether a name means many things at once: `All`, `All except layout sections`.

    `All media (Vocabulary)` names one thing, which may be missing.
    """
    if split_bundle_label(text)[1] is not None:
        return False
    return _WILDCARD.fullmatch(folded(text)) is not None or any(
        plain_letters(text) in language.everything for language in known_languages()
    )


@dataclass(slots=True)
class NameIndex:
    """Finds the keys of things by label, machine name or ID, and the labels nearest to a name."""

    _by_label: dict[str, dict[str, str]] = field(default_factory=dict)
    _by_machine_name: dict[str, dict[str, str]] = field(default_factory=dict)
    _by_row_id: dict[str, dict[str, str]] = field(default_factory=dict)
    _by_word: dict[str, dict[str, None]] = field(default_factory=dict)
    _by_end: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    """Words by their first letters and by their last."""
    _nearest: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, *, key: str, label: str, machine_name: str, row_id: str = "") -> None:
        """Make a thing known; labels, machine names and the IDs of rows may repeat."""
        self._by_label.setdefault(folded(label), {})[key] = label
        if machine_name:
            self._by_machine_name.setdefault(folded(machine_name), {})[key] = label
        if row_id:
            self._by_row_id.setdefault(folded(row_id), {})[key] = label
        for word in _words_and_whole(_name_of(label)):
            if word not in self._by_word:
                for end in ((word[:_ENDS], ""), ("", word[-_ENDS:])):
                    words = self._by_end.setdefault(end, {})
                    if len(words) < _WORDS_OF_AN_END:
                        words[word] = None
            self._by_word.setdefault(word, {})[label] = None

    def labelled(self, text: str) -> tuple[str, ...]:
        """Return the keys of everything with this label: in this case, else in any."""
        found = self._by_label.get(folded(text), {})
        return tuple(key for key, label in found.items() if label == text) or tuple(found)

    def machine_named(self, text: str) -> tuple[str, ...]:
        """Return the keys of everything with this machine name, whatever its case."""
        return tuple(self._by_machine_name.get(folded(text), ()))

    def identified(self, text: str) -> tuple[str, str] | None:
        """Return key and label of the thing with this machine name, else of the one with this ID."""
        if named := self._by_machine_name.get(folded(text)):
            return next(iter(named.items()))
        with_id = self._by_row_id.get(folded(text), {})
        return next(iter(with_id.items())) if len(with_id) == 1 else None

    def nearest(self, text: str) -> tuple[str, ...]:
        """Return up to three labels a person may have meant, the most alike first.

        The name itself has to be alike: all bundles of a type share the words of the type.
        """
        wanted = folded(text)
        if wanted not in self._nearest:
            name = _name_of(text)
            alike = [label for label in self._pool(name) if are_alike(name, _name_of(label))]
            alike.sort(key=lambda label: _likeness(wanted, folded(label)), reverse=True)
            self._nearest[wanted] = tuple(alike[:_CANDIDATE_COUNT])
        return self._nearest[wanted]

    def _pool(self, name: str) -> list[str]:
        """Collect labels with a word of a name, or one that ends or begins like it, rare words first."""
        words: set[str] = set()
        for word in _words_and_whole(name):
            words.update([word] if word in self._by_word else self._words_spelled_like(word))
        pool: dict[str, None] = {}
        for word in sorted(words, key=lambda known: (len(self._by_word[known]), known)):
            for label in self._by_word[word]:
                pool[label] = None
                if len(pool) >= _CANDIDATE_POOL:
                    return list(pool)
        return list(pool)

    def _words_spelled_like(self, word: str) -> list[str]:
        ends = (
            *self._by_end.get((word[:_ENDS], ""), ()),
            *self._by_end.get(("", word[-_ENDS:]), ()),
        )
        return difflib.get_close_matches(
            word, dict.fromkeys(ends), _CANDIDATE_COUNT, _WORD_LIKENESS
        )


def are_alike(name: str, other: str) -> bool:
    """Tell whether a person may have meant one of two names by the other.

    All words of one are among those of the other, misspelt or not, or they differ in spaces alone.
    `Boat prices` is not like `Crew prices`: the word that tells them apart is another.
    """
    if max(len(name), len(other)) > _NAME_CHARACTERS_MAX:
        return False
    fewer, more = sorted((_WORD.findall(name), _WORD.findall(other)), key=len)
    if not fewer:
        return False
    if all(_has_word_like(more, word) for word in fewer):
        return True
    return len(fewer) < len(more) and _is_spelled_like("".join(fewer), "".join(more))


def _has_word_like(words: Iterable[str], word: str) -> bool:
    return any(_is_spelled_like(word, other) for other in words)


def _is_spelled_like(word: str, other: str) -> bool:
    if word == other:
        return True
    matcher = difflib.SequenceMatcher(None, word, other)
    # The first two are bounds that cost next to nothing.
    bounds = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)
    return all(bound() >= _WORD_LIKENESS for bound in bounds)


def _likeness(text: str, other: str) -> float:
    return difflib.SequenceMatcher(None, text, other).ratio()


def _words_and_whole(name: str) -> Iterable[str]:
    """Return the words of a name, and all of them as one: people differ about spaces."""
    words = _WORD.findall(name[:_NAME_CHARACTERS_MAX])
    return dict.fromkeys([*words, "".join(words)])


def _name_of(label: str) -> str:
    """Return a label without the type behind it, folded."""
    return folded(split_bundle_label(label)[0])
