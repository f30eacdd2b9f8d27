"""Which benchmarks there are, and running them: one as it is, or all on as little as they can.

A process that runs some beside others imports this module: it cannot import that of a command.
"""

import ast
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from typing import Final

INSTALL: Final = "make .venv/.installed-dev"
OURS: Final = ("benchmarks", "jira_pipeline", "jira_pipeline_tests")
BENCHMARKS: Final[Mapping[str, Mapping[str, object] | str]] = {
    "cell_reading": "tests run all of it",
    "polluted_sheets": {"RECORDS": 3},
    "sharedo_packages": {"MEGABYTE": 1_000, "WORK_TYPES": 2, "PROCESSES": "fork"},
    "command_speed": "it takes a minute, and tests run all its commands",
    "adopt": {"SITES": ("faro_abierto",), "ROUNDS": 1},
    "merge": {"SEEDS": 20},
    "export_load": {"TICKETS": 10, "BLOCKING_LINKS": 5, "RELATING_LINKS": 2, "ATTACHMENTS": 2},
    "review_scale": {"TICKETS": 20, "ROUNDS": 1},
    "search": {"TICKETS": 20, "ROUNDS": 1},
    "first_look": "it installs everything anew",
    "articles": "the tests of `serve` start the same programs",
    "web_list": {
        "TICKETS": 20,
        "ROUNDS": 1,
        "SESSIONS": 1,
        "TICKETS_OF_SESSION": 24,
        "CPU_ROUNDS": 1,
    },
    "web_load": {
        "SECONDS": 2,
        "TICKETS": 39,
        "FIELDS_OF_LARGEST": 30,
        **dict.fromkeys(("READERS", "REVIEWERS", "EDITORS", "DECIDERS"), 1),
        "ALONE_SECONDS": 0.5,
        "SERVE": ("serve", "--no-daemon"),
        "POSTGRES_URL": None,
    },
    "sessions_load": "`--sessions=2 --minutes=5` is its smallest, with a daemon of a minute",
    "serve_idle": "the tests of `serve` start the same programs",
    "clicks": "the tests of `serve` start the same programs",
    "warm_starts": "the tests of `serve` start the same programs",
    "reading_speed": {"TIMES": 1, "ROUNDS": 1},
    "kept_files": {"FILES": 2, "FILE_BYTES": 1_000, "ROUNDS": 1},
    "upload_load": {"UPLOADS": 2, "COPIES": 1, "SECONDS": 1, "WARM_SECONDS": 0},
    "adf_commonmark": "it fetches the examples",
    "ticket_prose": {},
    "ticket_packets": {},
    "claims": "it reads whole sites, which are not part of the project",
    "must_facts": "it reads tickets and packets that are not part of the project",
    "verify_site": "it reads whole sites, which are not part of the project",
    "site_questions": "it reads whole sites, which are not part of the project",
    "declared_layouts": "it reads workbooks that are not part of the project",
    "layout_choices": "it reads workbooks that are not part of the project",
    "sites": "it reads sites that a list names",
    "strange_sites": "it reads whole sites, which are not part of the project",
    "growth": "it compares two commits, and a checkout may have one",
    "start_up": "it compares two commits, and a checkout may have one",
    "house": {"PACKAGE": "benchmarks", "FLOWS": ("upload",)},
    "packing": "the tests of documents run all of it",
    "peers": "other libraries are installed for it",
    "model_sentences": {},
}
"""What the smallest form of each sets, or why it is left out of that."""


def show_that_each_works(names: list[str]) -> None:
    """Run each on as little as it can, two at a time: their figures say nothing."""
    forms = {name: BENCHMARKS[name] for name in names}
    chosen = {name: form for name, form in forms.items() if not isinstance(form, str)}
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as processes:
        results = processes.map(_printed_by, chosen, chosen.values())
        for name, printed in zip(chosen, results, strict=True):
            print(f"\n== {name}\n{printed}", flush=True)
    for name, form in forms.items():
        if isinstance(form, str):
            print(f"\n== {name}\nLeft out: {form}.")


def _printed_by(name: str, constants: Mapping[str, object]) -> str:
    """Return what one prints, in a process of several."""
    with redirect_stdout(StringIO()) as printed:
        run(name, constants)
    return printed.getvalue()


def first_sentence_of(name: str) -> str:
    """Return what a benchmark measures, by its file: importing all of them takes seconds."""
    tree = ast.parse(Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8"))
    head, _, _ = (ast.get_docstring(tree) or "").partition("\n\n")
    sentence, _, _ = " ".join(head.split()).partition(". ")
    return sentence.rstrip(".")


def show_help_of(name: str) -> None:
    """Print what a module says of itself; one that reads its options by `argparse` prints them."""
    benchmark = import_module(f"benchmarks.{name}")
    if "argparse" in vars(benchmark):
        benchmark.main()
    print(f"usage: python -m benchmarks {name} [OPTION …]\n\n{benchmark.__doc__}")


def run(name: str, constants: Mapping[str, object]) -> None:
    """Run one, with constants of its module in place of its own."""
    try:
        benchmark = import_module(f"benchmarks.{name}")
        for constant, value in constants.items():
            setattr(benchmark, constant, value)
        benchmark.main()
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in OURS:
            raise
        sys.exit(f"{name} needs the package {error.name}: `{INSTALL}` installs it.")
