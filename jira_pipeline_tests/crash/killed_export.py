"""A process of its own that exports a session and is killed at a numbered point.

Started by a test with the folder of an export world and the number of the point.
"""

import os
import signal
import sys
from pathlib import Path

from typing_extensions import override

from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline_tests.crash.export_world import ExportWorld, SteadyClock, Tripwire


class DeadlyWire(Tripwire):
    """Kills the process at the point; nothing is cleaned up."""

    @override
    def step(self, name: str) -> None:
        """Pass a point, or die there."""
        self.passed.append(name)
        if len(self.passed) == self.crash_at:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Export the session of a folder and die at a point."""
    folder, crash_at = Path(sys.argv[1]), int(sys.argv[2])
    sandbox = JiraSandbox(folder / "sandbox.sqlite", clock=SteadyClock().now)
    ExportWorld(folder=folder, sandbox=sandbox).export(DeadlyWire(crash_at=crash_at))


if __name__ == "__main__":
    main()
