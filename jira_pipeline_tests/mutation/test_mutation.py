"""The runner notices a defence that is taken out, and nothing where none is."""

import ast
import builtins
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from jira_pipeline_tests.mutation.__main__ import (
    LONG,
    PACKAGE,
    PYTEST,
    SINGLE,
    STAGES,
    copied,
    failure_of,
    narrowed,
    nearest_first,
    read_noticed,
    taken_out,
    together,
)
from jira_pipeline_tests.mutation.defences import DEFENCES
from jira_pipeline_tests.mutation.marks import marks_below
from jira_pipeline_tests.mutation.removals import (
    ORIGINAL,
    Always,
    ComparedBy,
    Dropped,
    Instead,
    Never,
    Removal,
    RemovalError,
    Skipped,
    Swapped,
    Value,
    without_defence,
)
from jira_pipeline_tests.projects import CHECKOUT

TESTS = (PYTEST, "jira_pipeline_tests/model/test_export_ledger.py")
ONE = next(one for one in DEFENCES if one.name == "only one resend")


def test_a_defence_is_noticed_when_it_is_taken_out(tmp_path: Path) -> None:
    copy = copied(tmp_path / "copy")

    with taken_out(copy, ONE):
        noticed = failure_of(TESTS, copy)

    assert noticed is not None
    assert noticed[-1].startswith(f"{TESTS[-1]}::test_")
    assert failure_of(TESTS, copy) is None
    with pytest.raises(SystemExit, match="No test ran"):
        failure_of((PYTEST, "jira_pipeline_tests/missing.py"), copy)


def test_what_failed_of_a_stage_is_a_stage_of_its_own() -> None:
    quick, schedules = STAGES[0], STAGES[2]

    assert narrowed(quick, "a.py::test_b[c d] \nFAILED a.py::test_b[c d] - E") == (
        PYTEST,
        "a.py::test_b",
    )
    assert narrowed((LONG, *quick), "a.py::test_b PASSED\na.py::test_c ") == (
        LONG,
        PYTEST,
        "a.py::test_c",
    )
    assert narrowed(schedules, "\nseed 17: t01 has 2 issues")[-4:] == (
        "--seeds",
        "1",
        "--first",
        "17",
    )
    assert narrowed(SINGLE, "lost at a file: export of 3 tickets") == (
        *SINGLE,
        "--only",
        "lost at a file",
    )
    assert narrowed(SINGLE, "Traceback") == SINGLE


def test_test_files_that_import_the_module_of_a_defence_come_first() -> None:
    far, near = (
        f"jira_pipeline_tests/export/{name}.py" for name in ("test_epics", "test_deciding")
    )
    defence = next(one for one in DEFENCES if one.mark == "gives-back-unmarked")

    assert nearest_first((LONG, PYTEST, far, near), defence) == (LONG, PYTEST, near, far)


def test_single_tests_of_several_defences_are_run_in_one_call() -> None:
    stages = [(PYTEST, "a"), SINGLE, (LONG, PYTEST, "b"), (PYTEST, "c"), (PYTEST, "a")]

    assert list(together(stages)) == [SINGLE, (PYTEST, "a", "c"), (LONG, PYTEST, "b")]


def test_every_mark_of_the_source_is_one_defence_and_the_other_way_round() -> None:
    marks = Counter(mark.name for mark in marks_below(CHECKOUT / PACKAGE))

    assert marks == Counter(one.mark for one in DEFENCES)
    assert max(marks.values()) == 1


def test_every_defence_can_be_taken_out() -> None:
    """Else no test runs without it, or what is taken out is something else."""
    marks = {mark.name: mark for mark in marks_below(CHECKOUT / PACKAGE)}
    sources = {mark.path: mark.path.read_text(encoding="utf-8") for mark in marks.values()}
    whole = {path: ast.unparse(ast.parse(source)) for path, source in sources.items()}
    foreign = {}
    for one in DEFENCES:
        mark = marks[one.mark]
        source = sources[mark.path]
        changed = without_defence(source, line=mark.line, removals=one.removals)
        compile(changed, mark.path.name, "exec")
        assert changed != whole[mark.path], one.name
        if names := foreign_names(source, line=mark.line, removals=one.removals):
            foreign[one.name] = names

    assert foreign == {}, "expressions that name local variables break when these are renamed"


def foreign_names(source: str, *, line: int, removals: tuple[Removal, ...]) -> set[str]:
    """Return the names in expressions of removals that are neither global nor parameters there."""
    expressions = [
        ast.parse(removal.becomes) for removal in removals if isinstance(removal, Value | Instead)
    ]
    if not expressions:
        return set()
    tree = ast.parse(source)
    allowed = {ORIGINAL, *dir(builtins), *global_names(tree)}
    named = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0):
            allowed |= parameters_in(node)
    for expression in expressions:
        allowed |= parameters_in(expression)
        names = [node for node in ast.walk(expression) if isinstance(node, ast.Name)]
        allowed |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
        named |= {node.id for node in names}
    return named - allowed


def parameters_in(tree: ast.AST) -> set[str]:
    return {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def global_names(tree: ast.Module) -> Iterator[str]:
    for statement in tree.body:
        match statement:
            case ast.Import(names=imported) | ast.ImportFrom(names=imported):
                yield from (alias.asname or alias.name for alias in imported)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case _:
                pass


@pytest.mark.parametrize(
    ("line", "removal", "changed"),
    [
        ("if a and b():  # defence: x", Never(), "if False:"),
        ("if (\n    a\n    and b()\n):  # defence: x", Dropped("b"), "if a:"),
        ("# defence: x\nif a or b() or c:", Dropped("b"), "if a or c:"),
        ("if b() and (a or c.d):  # defence: x", Dropped("d"), "if b() and a:"),
        ("if b() and (a or c.d):  # defence: x", Always("d"), "if b() and (a or True):"),
        ("if any(e | f.g for e in h):  # defence: x", Dropped("g"), "if any((e for e in h)):"),
        ("if a == b:  # defence: x", ComparedBy("at"), "if a.at == b.at:"),
        ("if [\n  e for e in f\n  if e  # defence: x\n]:", Never(), "if False:"),
    ],
)
def test_a_condition_is_changed_by_what_it_names(line: str, removal: Removal, changed: str) -> None:
    assert without(f"{line}\n    pass", removal) == f"{changed}\n    pass"


@pytest.mark.parametrize(
    ("line", "removal", "changed"),
    [
        ("f(a)  # defence: x", Skipped(), "pass"),
        ("a = [e for e in f if e]  # defence: x", Always(), "a = [e for e in f if True]"),
        ("a = b if c else d  # defence: x", Never(), "a = d"),
        ("a = f(b)  # defence: x", Value("g(_)"), "a = g(f(b))"),
        ("a = f.g(b, 0)  # defence: x", Instead("g", "h"), "a = h(b, 0)"),
        ("a = f.g(b, 0)  # defence: x", Instead("0", "-1"), "a = f.g(b, -1)"),
        (
            "a = f(\n  0,\n  [0],  # defence: x\n)",
            Instead("0", "1"),
            "a = f(0, [1])",
        ),
        ("f(a=b, c=d)  # defence: x", Swapped("a", "c"), "f(a=d, c=b)"),
    ],
)
def test_a_statement_is_changed_by_what_it_names(line: str, removal: Removal, changed: str) -> None:
    assert without(line, removal) == changed


def test_a_case_is_left_to_its_pattern_or_never_matches() -> None:
    source = "match a:\n    case b if c:  # defence: x\n        pass"

    assert without(source, Always()) == "match a:\n    case b if True:\n        pass"
    assert without(source, Never()) == "match a:\n    case b if False:\n        pass"


def test_what_is_not_there_once_is_not_taken_out() -> None:
    for removal in (Dropped("c"), Dropped("a"), Instead("b", "c"), Value("c"), ComparedBy("c")):
        with pytest.raises(RemovalError):
            without("if a or a or b or b:  # defence: x\n    pass", removal)


def without(source: str, removal: Removal) -> str:
    """Return a source without the defence that it has a mark of."""
    lines = source.splitlines()
    marked = next(place for place, line in enumerate(lines) if "# defence" in line)
    is_alone = lines[marked].startswith("#")
    return without_defence(source, line=marked + (2 if is_alone else 1), removals=[removal])


def test_it_is_known_of_every_defence_what_noticed_it_last() -> None:
    noticed = read_noticed()

    assert list(noticed) == [one.name for one in DEFENCES]
    tests = {stage[-1] for stage in noticed.values() if PYTEST in stage}
    files = {test.split("::")[0] for test in tests}
    sources = {name: (CHECKOUT / name).read_text(encoding="utf-8") for name in files}
    gone = [t for t in tests if f"def {t.split('::')[1]}(" not in sources[t.split("::")[0]]]
    assert gone == []
