"""Leases between processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from jira_pipeline.model.errors import LeaseBusyError, StoreError
from jira_pipeline.store.locks import FileTargetLease

TARGET = "https://example.org/10000"

HOLD = """
import sys
from pathlib import Path
from jira_pipeline.store.locks import FileTargetLease
with FileTargetLease(Path(sys.argv[1])).hold(sys.argv[2], holder="the other process"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_lease_dies_with_a_process_that_is_killed(tmp_path: Path) -> None:
    lease = FileTargetLease(tmp_path / "leases")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "leases"), TARGET],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

        with (
            pytest.raises(LeaseBusyError, match="the other process"),
            lease.hold(TARGET, holder="we"),
        ):
            pass
        holder.kill()
        holder.wait()

        with lease.hold(TARGET, holder="we"):
            pass


def test_a_holder_that_has_not_written_its_name_yet_is_another_process(tmp_path: Path) -> None:
    lease = FileTargetLease(tmp_path)
    with lease.hold(TARGET, holder="we"):
        (name_path,) = tmp_path.glob("*.holder")
        name_path.unlink()

        with (
            pytest.raises(LeaseBusyError, match="another process"),
            lease.hold(TARGET, holder="you"),
        ):
            pass


def test_a_name_that_cannot_be_written_leaves_the_lease_free(tmp_path: Path) -> None:
    lease = FileTargetLease(tmp_path)
    with lease.hold(TARGET, holder="we"):
        pass
    (name_path,) = tmp_path.glob("*.holder")
    name_path.unlink()
    name_path.mkdir()

    with pytest.raises(StoreError, match="cannot be used"), lease.hold(TARGET, holder="we"):
        pass

    name_path.rmdir()
    with lease.hold(TARGET, holder="we"):
        pass
