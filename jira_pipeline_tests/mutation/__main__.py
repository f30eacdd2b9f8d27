"""Changes the export and shows what notices: `python -m jira_pipeline_tests.mutation`.

Belongs here: the command, the score, the table. Does not: what is changed (`defences`: each defence
taken out; `operators`: every small change to what `mutated` names), how it is judged (`judging`).
"""

import argparse
import random
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from jira_pipeline_tests.mutation.defences import CONTROLS, DEFENCES, Defence
from jira_pipeline_tests.mutation.equivalents import EQUIVALENTS
from jira_pipeline_tests.mutation.judging import (
    DEFENCE,
    SECONDS_MAX,
    Change,
    Verdict,
    Workshop,
    open_workshop,
)
from jira_pipeline_tests.mutation.mutated import GROUPS, MUTATED
from jira_pipeline_tests.mutation.operators import Mutant, mutants_of

GOAL = 0.9
"""Of the mutants of ledger and of settling, each; of the defences it is all."""
CONTROL = "control"
"""Must be noticed, and by quick tests alone."""
UNCHANGED = "unchanged"
"""Must not be noticed."""


def main() -> int:
    """Print what notices the changes; return 1 below the goal, 2 where nothing can be learnt."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # so that the workers end as well
    chosen = _arguments()
    console = Console(highlight=False)
    with open_workshop(chosen.workers) as workshop:
        changes = _changes(workshop.code, chosen)
        verdicts = _judged(console, workshop, changes, chosen)
    if not verdicts:
        return 2
    console.print(_table(verdicts))
    return _conclusion(console, verdicts, is_whole=not (chosen.sample or chosen.only))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m jira_pipeline_tests.mutation")
    parser.add_argument("--workers", type=int, default=2, help="changes judged at a time")
    parser.add_argument("--seeds", type=int, default=100, help="schedules each may need")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS_MAX, help="of quick tests each may need"
    )
    parser.add_argument("--only", default="", help="changes whose name contains this")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, for a quick look")
    parser.add_argument("--seed", type=int, default=0, help="which sample")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--defences", action="store_true", help="the defences alone")
    which.add_argument("--mutants", action="store_true", help="the mutants alone")
    parser.add_argument("--show", action="store_true", help="say what noticed each change")
    return parser.parse_args()


def _changes(code: Path, chosen: argparse.Namespace) -> list[Change]:
    """Return the chosen changes: defences first, a sample of mutants where one is asked for."""
    defences = [] if chosen.mutants else [_taken_out(code, one) for one in DEFENCES]
    mutants = [
        _mutated(mutant)
        for file in MUTATED
        for mutant in mutants_of(file, (code / file).read_text(encoding="utf-8"))
    ]
    mutants = [one for one in mutants if one.name not in EQUIVALENTS and chosen.only in one.name]
    if chosen.sample:
        picked = random.Random(chosen.seed).sample(mutants, min(chosen.sample, len(mutants)))  # noqa: S311 - a sample, no secret
        mutants = [one for one in mutants if one in picked]
    return [
        *(one for one in defences if chosen.only in one.name),
        *([] if chosen.defences else mutants),
    ]


def controls_of(code: Path) -> list[Change]:
    """Return what the judge must judge rightly: defences taken out, and the same left in."""
    out = [
        replace(_taken_out(code, defence), kind=CONTROL)
        for defence in DEFENCES
        if defence.name in CONTROLS
    ]
    left_in = [
        replace(
            change,
            kind=UNCHANGED,
            name=f"{change.name} (left in)",
            source=(code / change.file).read_text(encoding="utf-8"),
        )
        for change in out
    ]
    return [*out, *left_in]


def _taken_out(code: Path, defence: Defence) -> Change:
    whole = (code / defence.file).read_text(encoding="utf-8")
    if whole.count(defence.text) != 1:
        raise SystemExit(f"{defence.file} has {whole.count(defence.text)} times: {defence.text!r}")
    first = whole[: whole.index(defence.text)].count("\n") + 1
    return Change(
        kind=DEFENCE,
        name=defence.name,
        file=defence.file,
        lines=range(first, first + len(defence.text.splitlines())),
        source=whole.replace(defence.text, defence.without),
        diff=f"{defence.file}:{first} {defence.name}",
    )


def _mutated(mutant: Mutant) -> Change:
    return Change(
        kind=mutant.operator,
        name=mutant.name,
        file=mutant.file,
        lines=mutant.lines,
        source=mutant.source,
        diff=mutant.diff,
    )


def _judged(
    console: Console, workshop: Workshop, changes: Sequence[Change], chosen: argparse.Namespace
) -> list[Verdict]:
    """Judge every change; nothing where tests fail without any, or notice no control."""
    controls = controls_of(workshop.code)
    files = sorted({change.file for change in [*changes, *controls]})
    with console.status("Running the tests unchanged, to see which line each runs"):
        baseline = workshop.measure(files, seeds=chosen.seeds)
    if baseline.failed:
        console.print(f"Nothing to learn, these fail unchanged: {', '.join(baseline.failed)}")
        return []
    with console.status("Judging what is known to be noticed, and what changes nothing"):
        known = workshop.judge(controls, baseline, seeds=0, seconds_max=chosen.seconds)
        wrong = [
            v.change.name for v in known if (v.noticed_by is None) != (v.change.kind == UNCHANGED)
        ]
    if wrong:
        console.print(f"Nothing to learn, these are judged wrongly: {', '.join(wrong)}")
        return []
    verdicts: list[Verdict] = []
    with Progress(console=console) as progress:
        task = progress.add_task("changes", total=len(changes))
        for verdict in workshop.judge(
            changes, baseline, seeds=chosen.seeds, seconds_max=chosen.seconds
        ):
            verdicts.append(verdict)
            if verdict.noticed_by is None or chosen.show:
                line = f"{verdict.noticed_by or 'NOTHING'} notices {verdict.change.name}"
                progress.console.print(line, markup=False)
            survived = sum(one.noticed_by is None for one in verdicts)
            progress.update(task, advance=1, description=f"changes, {survived} survived")
    return verdicts


def _table(verdicts: Sequence[Verdict]) -> Table:
    """Tell by file how many defences and mutants are missed, and which operators leave some."""
    table = Table("file", "defences", "mutants", "noticed", "what survived")
    table.columns[0].no_wrap = True
    files = {verdict.change.file for verdict in verdicts}
    for file in sorted(files, key=lambda file: (file not in MUTATED, file)):
        own = [verdict for verdict in verdicts if verdict.change.file == file]
        mutants = [verdict for verdict in own if verdict.change.kind != DEFENCE]
        left = Counter(one.change.kind for one in mutants if one.noticed_by is None)
        table.add_row(
            file.removeprefix("export/"),
            _noticed_of([verdict for verdict in own if verdict.change.kind == DEFENCE]),
            _noticed_of(mutants),
            f"{_share(mutants):.1%}" if mutants else "",
            ", ".join(f"{kind} {count}" for kind, count in sorted(left.items())),
        )
    return table


def _conclusion(console: Console, verdicts: Sequence[Verdict], *, is_whole: bool) -> int:
    """List what survived and print the scores; return 1 where one is below its goal."""
    for verdict in sorted(verdicts, key=lambda one: (one.change.file, one.change.lines.start)):
        if verdict.noticed_by is None:
            console.print(verdict.change.diff, markup=False)
    defences = [one for one in verdicts if one.change.kind == DEFENCE]
    if defences:
        console.print(f"defences: {_noticed_of(defences)} are missed when taken out")
    is_good = _share(defences) == 1.0
    for group, files in GROUPS.items():
        own = [v for v in verdicts if v.change.file in files and v.change.kind != DEFENCE]
        if own:
            console.print(f"{group}: {_noticed_of(own)} mutants are noticed, {_share(own):.1%}")
            is_good = is_good and _share(own) >= GOAL
    if is_whole and EQUIVALENTS:
        console.print(f"not counted: {len(EQUIVALENTS)} that change nothing (`equivalents`)")
    return 0 if is_good else 1


def _noticed_of(verdicts: Sequence[Verdict]) -> str:
    noticed = sum(verdict.noticed_by is not None for verdict in verdicts)
    return f"{noticed} of {len(verdicts)}" if verdicts else ""


def _share(verdicts: Sequence[Verdict]) -> float:
    if not verdicts:
        return 1.0
    return sum(verdict.noticed_by is not None for verdict in verdicts) / len(verdicts)


if __name__ == "__main__":
    sys.exit(main())
