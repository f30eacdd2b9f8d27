"""Tests of one `xdist_group` run in one process: what they share is made once, and not in parallel.

Belongs here: what `make test` takes for granted of its tools.
"""

import re
import subprocess
import sys
from pathlib import Path

GROUPED = """
import pytest

pytestmark = pytest.mark.xdist_group("together")


@pytest.mark.parametrize("number", range(8))
def test_one(number):
    assert number >= 0
"""


def test_tests_of_a_group_run_in_one_process(tmp_path: Path) -> None:
    """With pytest 9.2 and xdist 3.8 the mark did nothing, without a word (pytest-xdist 1386)."""
    (tmp_path / "test_grouped.py").write_text(GROUPED, encoding="utf-8")
    alone = ("--disable-plugin-autoload", "-p", "xdist", "-p", "no:cacheprovider")
    distributed = ("-n", "2", "--dist", "loadgroup", "-v", *alone)

    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *distributed, "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    workers = re.findall(r"^\[(gw\d+)\].* PASSED", ended.stdout, flags=re.MULTILINE)
    assert ended.returncode == 0, ended.stdout
    assert len(workers) == 8
    assert len(set(workers)) == 1
