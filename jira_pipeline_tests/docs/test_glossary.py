"""The words in names of modules and classes are known: the glossary's, or the field's own."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from jira_pipeline_tests.parsed_modules import parsed_modules

CHECKOUT = Path(__file__).resolve().parents[2]
GLOSSARY = set(re.findall("[a-z]+", (CHECKOUT / "docs/glossary.md").read_text("utf-8").lower()))
OF_THE_FIELD = (Path(__file__).parent / "words_of_the_field.txt").read_text("utf-8").split()
"""Words of programming, of HTTP, Jira, Drupal, ShareDo and Dagster, and plain English."""
REPLACED = {
    *("lookout", "sighting", "sightings", "book", "desk", "touches", "groping"),
    *("stand", "stands", "standing", "stood", "mend", "mends", "mended", "mending"),
    *("touch", "touched", "untouched", "tells", "telling", "untold", "hear", "heard"),
    *("hindrance", "anew", "said", "told", "tell"),
}
"""The field says probe, reconcile, ledger, lock; plain English: current, is, fix, report, again."""
VAGUE = {"found", "one", "known", "asked", "said", "kept", "own"}
"""They say how something came here, not what it is: one such name a function is enough."""
STILL_VAGUE = {
    *("sheets", "verification"),
}
"""Rooms with functions that bind several; none is added."""
STORED = {"tells_untranslated_names", "untouched"}
"""Files of sandboxes, and answers to questions, hold these names."""


def names_of(path: Path, tree: ast.Module, *, is_whole: bool) -> Iterator[str]:
    """Name a module and its classes; as a whole, its functions, parameters and attributes, too."""
    yield path.parent.name if path.stem == "__init__" else path.stem
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.arg(arg=name):
                yield from [name] if is_whole else []
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield from [name] if is_whole else []
            case _:
                pass
    classes = [node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    for body in [tree.body, *classes] if is_whole else ():
        for node in body:
            match node:
                case ast.Assign(targets=targets):
                    yield from (t.id for t in targets if isinstance(t, ast.Name))
                case ast.AnnAssign(target=ast.Name(id=name)):
                    yield name
                case _:
                    pass


@cache
def words_by_name(*, is_whole: bool = False) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for path, tree in parsed_modules().items():
        for name in names_of(path, tree, is_whole=is_whole):
            for word in re.findall("[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name):
                if len(word) > 1:
                    found[word.lower()].add(name)
    return found


def bound_in(function: ast.AST) -> Iterator[str]:
    """Name what a function binds, its parameters included, but not what functions in it bind."""
    for node in ast.iter_child_nodes(function):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                continue
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name
            case _:
                pass
        yield from bound_in(node)


def is_in_glossary(word: str) -> bool:
    """Tell whether the glossary has a word, in singular or plural."""
    return not GLOSSARY.isdisjoint({word, f"{word}s", word.removesuffix("s")})


def test_every_word_in_the_name_of_a_module_or_class_is_known() -> None:
    """A new word gets a line in docs/glossary.md; one of the field, a place in the list."""
    unknown = {
        word: sorted(names)
        for word, names in words_by_name().items()
        if not is_in_glossary(word) and word not in OF_THE_FIELD
    }

    assert unknown == {}


def test_no_word_is_both_of_the_field_and_in_the_glossary() -> None:
    assert [word for word in OF_THE_FIELD if is_in_glossary(word)] == []


def test_a_word_that_the_field_has_a_better_one_for_is_in_no_name() -> None:
    names = words_by_name(is_whole=True)

    assert {word: found for word in REPLACED if (found := names.get(word, set()) - STORED)} == {}


def test_no_function_has_more_than_one_name_that_says_nothing_of_what_it_names() -> None:
    functions = (
        (path, node)
        for path, tree in parsed_modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )

    vague = {
        f"{path}: {function.name}": sorted(names)
        for path, function in functions
        if path.parts[0] not in STILL_VAGUE and len(names := VAGUE & {*bound_in(function)}) > 1
    }

    assert vague == {}
