"""What ShareDo packages cost: ordinary ones, ones made to exhaust the reader, and a comparison.

Each is read in a process of its own; memory is what it takes beyond a process that reads nothing.
"""

import json
import random
import resource
import time
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from jira_pipeline.sharedo.comparison import Side, Sides, compare_sides
from jira_pipeline.sharedo.errors import PackageRefusedError
from jira_pipeline.sharedo.reading.packages import read_package
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import (
    MadeEnvironment,
    build_package,
    sandbox_environments,
    zipped,
)

MEGABYTE = 1_000_000
WORK_TYPES = 100
PROCESSES = "spawn"
"""Each package is read in a process that read none before."""
STEP = {
    "Id": "1",
    "ExportProviderSystemName": "sharedo-type",
    "ExportProviderSelectorJson": '{"SystemName": "a"}',
    "StorageFilename": "a.json",
}
MANIFEST = json.dumps({"ExportedSteps": [STEP]}).encode()


def main() -> None:
    """Print packed and unpacked size, seconds, memory and the outcome for each package."""
    context = get_context(PROCESSES)
    baseline = _measured(context, b"")[1]
    print(f"{'package':<34} {'packed kB':>9} {'holds MB':>8} {'seconds':>8} {'MB':>6}  outcome")
    for name, (content, unpacked_bytes) in _packages().items():
        seconds, megabytes, outcome = _measured(context, content)
        print(
            f"{name:<34} {len(content) / 1000:>9.1f} {unpacked_bytes / MEGABYTE:>8.1f} "
            f"{seconds:>8.3f} {max(0, megabytes - baseline):>6.1f}  {outcome}"
        )
    _compare_two_environments()


def _compare_two_environments() -> None:
    first = _environment("https://one.sharedo.invalid")
    second = _environment("https://two.sharedo.invalid")
    packages = {
        name: read_package(build_package(made, [*made.by_key]), file=name, secret_key=b"k")
        for name, made in (("one", first), ("two", second))
    }
    one, two = (Side(name=name, packages=(name,)) for name in packages)
    started = time.perf_counter()
    counts = compare_sides(Sides(first=one, second=two), packages).counts
    seconds = time.perf_counter() - started
    listed = ", ".join(f"{count} {outcome.value}" for outcome, count in counts.items() if count)
    print(f"comparing two environments of {WORK_TYPES} work types: {seconds:.2f} s, {listed}")


def _environment(url: str) -> MadeEnvironment:
    made = sandbox_environments()["development"]
    matter = made.by_key["sharedo-type:matter"]
    work_types = (replace(matter, name=f"matter-{number}") for number in range(WORK_TYPES))
    others = (one for one in made.components if one.provider != matter.provider)
    return replace(made, url=url, components=(*others, *work_types))


def _packages() -> dict[str, tuple[bytes, int]]:
    environment = _environment("https://one.sharedo.invalid")
    types = [key for key in environment.by_key if key.startswith("sharedo-type:")]
    made = {
        "one work type": build_package(environment, types[:1]),
        "an environment of work types": build_package(environment, [*environment.by_key]),
    }
    hostile = {
        "1,000:1, 100 MB of blanks": b" " * 100 * MEGABYTE,
        "1,000:1, 1 GB of blanks": b" " * 1000 * MEGABYTE,
        "4.9 MB of empty lists": b'{"A":[' + b"[]," * (MEGABYTE * 163 // 100) + b"[]]}",
        "4.9 MB of one text": b'{"A":"' + b"password " * (MEGABYTE * 544 // 1000) + b'"}',
        "4.9 MB of nested lists": b'{"A":'
        + b"[" * (MEGABYTE * 245 // 100)
        + b"]" * (MEGABYTE * 245 // 100)
        + b"}",
        "JSON in text, 12 deep": _nested_text(12),
    }
    padding = random.Random(1).randbytes(200_000)  # noqa: S311 - keeps the ratio below the limit
    packed = {
        name: (
            zipped(
                {"manifest.json": MANIFEST, "data/a.json": data}
                | ({} if name.startswith("1,000:1") else {"files/padding": padding})
            ),
            len(data),
        )
        for name, data in hostile.items()
    }
    return {name: (content, 0) for name, content in made.items()} | packed


def _nested_text(depth: int) -> bytes:
    value = json.dumps({"A": ["x"] * 100})
    for _ in range(depth):
        value = json.dumps({"Config": value})
    return value.encode()


def _measured(context: object, content: bytes) -> tuple[float, float, str]:
    parent, child = context.Pipe()  # type: ignore[attr-defined]  # contexts have no public type
    process = context.Process(target=_read, args=(child,))  # type: ignore[attr-defined]  # as above
    process.start()
    parent.send_bytes(content or b"\0")
    seconds, kilobytes, outcome = parent.recv()
    process.join()
    return seconds, kilobytes / 1000, outcome


def _read(connection: Connection) -> None:
    content = connection.recv_bytes()
    started = time.perf_counter()
    try:
        package = read_package(content, file="package", secret_key=b"k")
        outcome = f"{len(package.components)} components"
    except PackageRefusedError as error:
        outcome = error.reason[:60]
    seconds = time.perf_counter() - started
    connection.send((seconds, _peak_kilobytes(), outcome))


def _peak_kilobytes() -> int:
    """Most memory of this process; what `getrusage` says includes the parent on Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text(encoding="utf-8").partition("VmHWM:")[2].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
