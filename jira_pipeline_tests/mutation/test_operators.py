"""What the operators change, and what they leave alone."""

import pytest

from jira_pipeline_tests.long_form import IS_LONG, POINT_STEP
from jira_pipeline_tests.mutation.defences import DEFENCES
from jira_pipeline_tests.mutation.equivalents import EQUIVALENTS
from jira_pipeline_tests.mutation.judging import CHECKOUT
from jira_pipeline_tests.mutation.mutated import MUTATED
from jira_pipeline_tests.mutation.operators import mutants_of
from jira_pipeline_tests.mutation.worker import PACKAGE


def changes(source: str) -> set[tuple[str, str, str]]:
    """Return operator, text before and text after of every mutant."""
    return {(m.operator, m.before, m.after) for m in mutants_of("a.py", source)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a == b", {("compare", "a == b", "a != b")}),
        ("a < b", {("compare", "a < b", "a <= b"), ("compare", "a < b", "a >= b")}),
        ("a is None", {("compare", "a is None", "a is not None")}),
        ("a and b", {("boolean", "a and b", "a or b")}),
        ("not a", {("boolean", "not a", "a")}),
        ("3", {("number", "3", "4")}),
        ("True", {("number", "True", "False")}),
        ("max(a)", {("extreme", "max(a)", "min(a)")}),
        ("sorted(a, key=b)", {("extreme", "sorted(a, key=b)", "list(a)")}),
        ("a if b else c", {("condition", "b", "True"), ("condition", "b", "False")}),
        ("[a for a in b if c]", {("condition", "c", "True"), ("condition", "c", "False")}),
    ],
)
def test_an_expression_is_changed(source: str, expected: set[tuple[str, str, str]]) -> None:
    assert changes(f"x = {source}") == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("send(a)", {("removal", "send(a)", "pass")}),
        ("raise a", {("removal", "raise a", "pass")}),
        ("self.a = b", {("removal", "self.a = b", "pass")}),
        ("a = b", {("removal", "a = b", "pass")}),
        ("while a: break", {("condition", "a", "False"), ("removal", "break", "pass")}),
        ("return a + b", {("arithmetic", "a + b", "a - b"), ("return", "a + b", "None")}),
    ],
)
def test_a_statement_is_changed(body: str, expected: set[tuple[str, str, str]]) -> None:
    assert changes(f"def act(self, a):\n    {body}") == expected


@pytest.mark.parametrize(
    ("returned", "after"),
    [("bool", "not (a)"), ("int", "a + 1"), ("tuple[str, ...]", "()"), ("str | None", "None")],
)
def test_what_is_returned_changes_with_its_type(returned: str, after: str) -> None:
    assert changes(f"def tell(a) -> {returned}:\n    return a") == {("return", "a", after)}


@pytest.mark.parametrize(
    "source",
    [
        '"text"',
        'f"{a + b}"',
        "logger.info(1)",
        "assert_never(a)",
        "def act() -> 3 | 4: ...",
        "def act():\n    a = b",
        "class A:\n    def __init__(self, a):\n        self.a = a",
        "Either = A | B",
        "x = zip(a, b, strict=True)",
    ],
)
def test_what_no_test_is_for_is_left_alone(source: str) -> None:
    assert changes(source) == set()


def test_what_is_empty_already_is_not_emptied() -> None:
    assert changes("def tell() -> list[str]:\n    return []") == set()


def test_a_change_is_where_the_text_was() -> None:
    source = 'ü = "ä"; b = [  # why\n    1,\n    c == "ß",\n]\n'

    sources = [mutant.source for mutant in mutants_of("a.py", source)]

    assert sources == [
        source.replace("1,", "(2),"),
        source.replace('c == "ß"', "(c != 'ß')"),
    ]


def test_equal_changes_to_one_function_have_names_of_their_own() -> None:
    names = [m.name for m in mutants_of("a.py", "def act():\n    return f(1, 1)")]

    assert len(names) == len(set(names))


def test_every_mutant_is_a_module_python_takes() -> None:
    for file in MUTATED:
        source = (CHECKOUT / PACKAGE / file).read_text(encoding="utf-8")
        for mutant in list(mutants_of(file, source))[:: 1 if IS_LONG else POINT_STEP]:
            assert mutant.source != source
            compile(mutant.source, file, "exec")


def test_a_defence_is_once_in_the_code() -> None:
    for defence in DEFENCES:
        text = (CHECKOUT / PACKAGE / defence.file).read_text(encoding="utf-8")

        assert text.count(defence.text) == 1, defence.name


def test_what_is_listed_as_equivalent_is_a_mutant() -> None:
    names = {
        mutant.name
        for file in MUTATED
        for mutant in mutants_of(file, (CHECKOUT / PACKAGE / file).read_text(encoding="utf-8"))
    }

    assert EQUIVALENTS.keys() <= names
