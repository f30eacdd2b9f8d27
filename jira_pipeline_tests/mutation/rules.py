"""Decides each guard of the rules of Drupal and shows what notices: `python -m jira_pipeline_tests.mutation.rules`.

Belongs here: which modules are rules, running the cases of a rule while one of its guards is always
true or never, the table that is printed. Does not: what a guard is (`guards`), having its module
changed (`changed_modules`), the defences of the export (`__main__`), guards that have no effect
(`equivalent_guards.toml`).

Everything is in one process: pytest collects the cases once, then a loop runs those of a rule for
each change of a guard of it, until one fails. So a guard is judged by the cases of its own rule
alone, in milliseconds.
"""

import argparse
import ast
import gc
import random
import re
import signal
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, cast

import pytest
from _pytest.runner import runtestprotocol
from rich.console import Console

from jira_pipeline_tests.mutation.changed_modules import NO_KINDS, ROOM_IMPORTED, ChangedModule
from jira_pipeline_tests.mutation.guards import Change, ChangeName, changes_of

CHECKOUT: Final = Path(__file__).parents[2]
RULES: Final = "jira_pipeline/drupal"
CASES: Final = "jira_pipeline_tests/drupal"
NO_RULES: Final = frozenset({"__init__", "columns"})
"""Modules in the folder of a kind of thing that hold no rule."""
SECONDS_MAX: Final = 10
"""Of the processor, what the cases of one rule may take with a changed guard; they take milliseconds."""
EQUIVALENT_PATH: Final = Path(__file__).parent / "equivalent_guards.toml"
OPTIONS: Final = (
    "-o",
    "addopts=",
    "--import-mode=importlib",
    "-p",
    "no:terminal",
    "-p",
    "no:cacheprovider",
    "-n",
    "0",
)
"""Its own report would be of runs that fail because they shall."""


class Outcome(StrEnum):
    """What became of a change."""

    NOTICED = "noticed"
    NOT_NOTICED = "not noticed"
    EQUIVALENT = "equivalent"
    """Nothing can notice it, for a reason that is written down."""
    NOT_EQUIVALENT = "noticed, although listed as equivalent"
    NO_CASES = "no cases"
    """Its rule has no test module."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleModule:
    """A module with one rule, and the module of its cases."""

    import_name: str
    path: Path
    cases: Path
    further_cases: tuple[Path, ...] = ()
    seconds_max: int | None = None
    """What its cases may take, if that is more than those of rules may."""

    @property
    def name(self) -> str:
        """Its folder and module: `field/widget`."""
        return f"{self.path.parent.name}/{self.path.stem}"


@dataclass(slots=True, kw_only=True)
class Judged:
    """A rule with the outcome of each change of its guards."""

    rule: RuleModule
    outcomes: dict[Change, Outcome] = field(default_factory=dict)

    def count(self, outcome: Outcome) -> int:
        return list(self.outcomes.values()).count(outcome)


def rule_modules(checkout: Path) -> list[RuleModule]:
    """Return the modules that define a `RULE`, and those beside them that have cases of their own."""
    modules = []
    for path in sorted((checkout / RULES).glob("*/*.py")):
        kind = path.parent.name
        if kind in NO_KINDS or path.stem in NO_RULES:
            continue
        cases = checkout / CASES / kind / f"test_{path.stem}.py"
        source = path.read_text(encoding="utf-8")
        is_rule = re.search(r"^RULE\b", source, re.MULTILINE) is not None
        if is_rule or cases.exists():
            name = f"{ROOM_IMPORTED}{kind}.{path.stem}"
            modules.append(RuleModule(import_name=name, path=path, cases=cases))
    return modules


def equivalent_changes(path: Path = EQUIVALENT_PATH) -> dict[str, set[ChangeName]]:
    """Return by rule the changes that nothing can notice; each is listed with its reason."""
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    names: dict[str, set[ChangeName]] = {}
    for rule, entries in listed.items():
        names[rule] = {
            ChangeName(entry["function"], entry["guard"], outcome=entry["outcome"])
            for entry in entries
            if entry["reason"]
        }
    return names


class EndlessError(Exception):
    """The cases of a rule do not end."""


class Judge:
    """A plugin of pytest that runs the cases of rules once for each change of their guards."""

    def __init__(
        self,
        changes: Mapping[RuleModule, Sequence[Change]],
        equivalent: Mapping[str, set[ChangeName]],
    ) -> None:
        self._changes = changes
        self._equivalent = equivalent
        self.judged: list[Judged] = []
        self.failing: list[str] = []
        """Rules whose cases fail with every guard in place."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge all changes in place of running each case once."""
        if session.testsfailed:
            raise session.Interrupted("The cases of rules cannot be imported")
        gc.unfreeze()  # what is frozen is not among the objects that `_objects_of` looks through
        cases_of: dict[Path, list[pytest.Item]] = {}
        for item in session.items:
            cases_of.setdefault(item.path, []).append(item)
        for rule, changes in self._changes.items():
            cases = [*cases_of[rule.cases]]
            for path in rule.further_cases:
                cases.extend(cases_of[path])
            self._judge(rule, changes, cases)
            session._setupstate.teardown_exact(None)
        return True

    def _judge(
        self, rule: RuleModule, changes: Sequence[Change], cases: Sequence[pytest.Item]
    ) -> None:
        judged = Judged(rule=rule)
        self.judged.append(judged)
        seconds_max = rule.seconds_max or SECONDS_MAX
        if is_failing(cases, seconds_max=seconds_max):
            self.failing.append(rule.name)
            return
        module = ChangedModule(rule.import_name)
        for change in changes:
            with module.having(change):
                is_noticed = is_failing(cases, seconds_max=seconds_max)
            is_listed = change.name in self._equivalent.get(rule.name, set())
            judged.outcomes[change] = _outcome_of(is_noticed=is_noticed, is_listed=is_listed)


def _outcome_of(*, is_noticed: bool, is_listed: bool) -> Outcome:
    if is_noticed:
        return Outcome.NOT_EQUIVALENT if is_listed else Outcome.NOTICED
    return Outcome.EQUIVALENT if is_listed else Outcome.NOT_NOTICED


def is_failing(cases: Sequence[pytest.Item], *, seconds_max: int) -> bool:
    """Run cases until one fails, or until they have taken too long, which is a failure, too."""
    signal.setitimer(signal.ITIMER_PROF, seconds_max)
    try:
        for case, following in zip(cases, [*cases[1:], cases[0]], strict=True):
            # What is set up for the whole module of the cases stays until one of another module runs.
            reports = runtestprotocol(case, log=False, nextitem=_module_of(following))
            if any(report.failed for report in reports):
                return True
    except EndlessError:
        return True
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        # The first case runs next, with the next guard changed.
        cases[0].session._setupstate.teardown_exact(_module_of(cases[0]))
    return False


def _module_of(case: pytest.Item) -> pytest.Item:
    return cast("pytest.Item", case.getparent(pytest.Module))


def _end_endless(*_: object) -> None:
    raise EndlessError


def judge_rules(
    changes: Mapping[RuleModule, Sequence[Change]], equivalent: Mapping[str, set[ChangeName]]
) -> Judge:
    """Judge changes of rules by the cases of each.

    Raises:
        SystemExit: pytest cannot collect the cases.
    """
    with_cases = {rule: of_rule for rule, of_rule in changes.items() if rule.cases.exists()}
    judge = Judge(with_cases, equivalent)
    if with_cases:
        signal.signal(signal.SIGPROF, _end_endless)
        paths = []
        for rule in with_cases:
            for path in (rule.cases, *rule.further_cases):
                if str(path) not in paths:
                    paths.append(str(path))
        ended = pytest.main([*OPTIONS, *paths], plugins=[judge])
        if ended != pytest.ExitCode.OK:
            raise SystemExit(f"pytest cannot run these ({ended}): {' '.join(paths)}")
    for rule, of_rule in changes.items():
        if rule not in with_cases:
            outcomes = dict.fromkeys(of_rule, Outcome.NO_CASES)
            judge.judged.append(Judged(rule=rule, outcomes=outcomes))
    return judge


def changes_of_rules(rules: Iterable[RuleModule]) -> dict[RuleModule, list[Change]]:
    """Return all changes of the guards of rules; rules without a guard are left out."""
    changes = {}
    for rule in rules:
        of_rule = changes_of(ast.parse(rule.path.read_text(encoding="utf-8")))
        if of_rule:
            changes[rule] = of_rule
    return changes


def drawn_changes(
    changes: Mapping[RuleModule, Sequence[Change]], *, count: int, seed: int
) -> dict[RuleModule, list[Change]]:
    """Draw so many changes of all rules, the same ones for a seed."""
    pairs = [(rule, change) for rule, of_rule in changes.items() for change in of_rule]
    drawn: dict[RuleModule, list[Change]] = {}
    for rule, change in random.Random(seed).sample(pairs, min(count, len(pairs))):  # noqa: S311
        drawn.setdefault(rule, []).append(change)
    return drawn


def unknown_equivalents(
    changes: Mapping[RuleModule, Sequence[Change]], equivalent: Mapping[str, set[ChangeName]]
) -> list[str]:
    """Return what is listed as equivalent and is no guard of its rule."""
    unknown = []
    names_of = {rule.name: {change.name for change in of_rule} for rule, of_rule in changes.items()}
    for rule, names in equivalent.items():
        for name in sorted(names - names_of.get(rule, set())):
            unknown.append(f"{rule}: {name.function}: `{name.guard}`")
    return unknown


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the rules of Drupal; return 1 where something is not noticed."""
    return judge_chosen(rule_modules(CHECKOUT), equivalent_changes(), arguments)


def judge_chosen(
    modules: Sequence[RuleModule],
    equivalent: Mapping[str, set[ChangeName]],
    arguments: Sequence[str] | None,
) -> int:
    """Print by module what notices its changed guards; return 1 where something is not noticed."""
    parser = argparse.ArgumentParser(prog="python -m jira_pipeline_tests.mutation.rules")
    parser.add_argument("--only", default="", help="rules whose folder and module contain this")
    parser.add_argument("--count", type=int, help="draw so many changes instead of all")
    parser.add_argument("--seed", type=int, default=1, help="which ones are drawn")
    chosen = parser.parse_args(arguments)
    rules = [rule for rule in modules if chosen.only in rule.name]
    all_changes = changes_of_rules(rules)
    changes = all_changes
    if chosen.count is not None:
        changes = drawn_changes(all_changes, count=chosen.count, seed=chosen.seed)
    judge = judge_rules(changes, equivalent)
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for judged in judge.judged:
        for line in report_of(judged):
            console.print(line)
    for name in judge.failing:
        console.print(f"{name}: its cases fail with every guard in place")
    unknown = []
    if not chosen.only:
        unknown = unknown_equivalents(all_changes, equivalent)
    for name in unknown:
        console.print(f"listed as equivalent, and no guard: {name}")
    console.print(summary_of(judge.judged))
    is_good = not judge.failing and not unknown and all(map(is_judged_well, judge.judged))
    return 0 if is_good else 1


def is_judged_well(judged: Judged) -> bool:
    return {*judged.outcomes.values()} <= {Outcome.NOTICED, Outcome.EQUIVALENT}


def report_of(judged: Judged) -> Iterator[str]:
    """Yield a line about a rule, and one about each change that is not noticed."""
    guards = {(change.guard.line, change.guard.text) for change in judged.outcomes}
    counts = ", ".join(
        f"{judged.count(outcome)} {outcome}" for outcome in Outcome if judged.count(outcome)
    )
    yield f"{judged.rule.name}: {len(guards)} guards; {counts}"
    path = judged.rule.path.relative_to(CHECKOUT)
    for change, outcome in judged.outcomes.items():
        if outcome not in {Outcome.NOTICED, Outcome.EQUIVALENT}:
            what = "always true" if change.outcome else "never true"
            yield f"  {outcome}: {path}:{change.guard.line}: `{change.guard.text}` is {what}"


def summary_of(judged: Sequence[Judged]) -> str:
    counts = [f"{sum(rule.count(outcome) for rule in judged)} {outcome}" for outcome in Outcome]
    return f"{len(judged)} rules: {', '.join(counts)}"


if __name__ == "__main__":
    sys.exit(main())
