"""The runner notices a changed guard that the cases of its rule are about, and names every other one."""

import ast
import subprocess
import sys
from pathlib import Path

from jira_pipeline_tests.long_form import OF_THE_LONG_FORM
from jira_pipeline_tests.mutation.guards import changes_of, compiled_with, guards_in
from jira_pipeline_tests.mutation.rules import (
    CHECKOUT,
    changes_of_rules,
    drawn_changes,
    equivalent_changes,
    rule_modules,
    unknown_equivalents,
)
from jira_pipeline_tests.tables import each

EQUIVALENT_SHARE_MAX = 0.03
RULE = """
from functools import cache

@cache
def is_long(text):
    return len(text) > 3 and text.isalpha()

def texts_in(texts):
    return [text for text in texts if is_long(text)]

def endless(count):
    while True:
        if count > 2:
            return count
        count += 1

SHORT = [text for text in ("a", "long") if len(text) < 3]

RULE = (texts_in, lambda text: "long" if is_long(text) else "short")
"""
CASES = """
from made.rule import RULE, SHORT, endless

def test_long_texts_are_taken():
    assert RULE[0](["long", "so"]) == ["long"]
    assert RULE[1]("so") == "short"

def test_it_ends():
    assert endless(3) == 3

def test_short():
    import made.rule
    assert made.rule.SHORT == ["a"]
"""
RUN = """
import sys
from pathlib import Path
from jira_pipeline_tests.mutation import rules

rules.SECONDS_MAX = 0.3
folder = Path(sys.argv[1], "made")
rule = rules.RuleModule(
    import_name="made.rule", path=folder / "rule.py", cases=folder / "test_rule.py"
)
judge = rules.judge_rules(rules.changes_of_rules([rule]), {})
print(judge.failing)
for change, outcome in judge.judged[0].outcomes.items():
    print(f"{change.guard.text} {change.outcome}: {outcome}")
"""


def outcomes(folder: Path, *, cases: str) -> list[str]:
    """Judge the rule above by some cases, in a process of its own."""
    made = folder / "made"
    made.mkdir()
    (made / "rule.py").write_text(RULE, encoding="utf-8")
    (made / "test_rule.py").write_text(cases, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n{RUN}", folder],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def test_a_guard_that_cases_are_about_is_noticed_and_any_other_is_named(tmp_path: Path) -> None:
    assert outcomes(tmp_path, cases=CASES) == [
        "[]",
        "len(text) > 3 True: noticed",
        "len(text) > 3 False: noticed",
        "text.isalpha() True: not noticed",
        "text.isalpha() False: noticed",
        "is_long(text) True: noticed",
        "is_long(text) False: noticed",
        "count > 2 True: not noticed",
        "count > 2 False: noticed",
        "len(text) < 3 True: noticed",
        "len(text) < 3 False: noticed",
        "is_long(text) True: noticed",
        "is_long(text) False: not noticed",
    ]


def test_cases_that_fail_with_every_guard_in_place_judge_nothing(tmp_path: Path) -> None:
    assert outcomes(tmp_path, cases="def test_it(): assert False") == ["['made/rule']"]


@each(
    "source, texts",
    [
        ("if a and (b or c): pass", ["a", "b", "c"]),
        ("x = a if b else c", ["b"]),
        ("x = [y for y in z if a if b]", ["a", "b"]),
        ("x = a or 'none'", ["a"]),
        ("x = a and b", ["a", "b"]),
        ("match x:\n case 1 if a: pass\n case _: pass", ["a"]),
        ("x = a == b", []),
    ],
)
def test_guards_are_the_conditions_that_decide_what_else_happens(
    source: str, texts: list[str]
) -> None:
    assert [guard.text for guard in guards_in(ast.parse(source))] == texts


def test_a_decided_guard_still_binds_its_names() -> None:
    tree = ast.parse("if (size := len('text')) > 9: is_long = True")
    values: dict[str, object] = {}

    exec(compiled_with(changes_of(tree)[0], "made"), values)  # noqa: S102 - our own code

    assert values["size"] == 4
    assert values["is_long"]
    assert ast.unparse(tree) == ast.unparse(
        ast.parse("if (size := len('text')) > 9: is_long = True")
    )


def test_the_same_seed_draws_the_same_changes() -> None:
    changes = changes_of_rules(rule_modules(CHECKOUT))

    drawn = [drawn_changes(changes, count=5, seed=3) for _ in range(2)]

    assert drawn[0] == drawn[1]


def test_few_changes_are_listed_as_equivalent_each_with_a_guard_and_a_reason() -> None:
    changes = changes_of_rules(rule_modules(CHECKOUT))
    equivalent = equivalent_changes()
    count = sum(len(of_rule) for of_rule in changes.values())

    assert unknown_equivalents(changes, equivalent) == []
    assert sum(map(len, equivalent.values())) <= EQUIVALENT_SHARE_MAX * count


@OF_THE_LONG_FORM
def test_forty_changed_guards_of_rules_are_noticed() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "jira_pipeline_tests.mutation.rules", "--count", "40"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
