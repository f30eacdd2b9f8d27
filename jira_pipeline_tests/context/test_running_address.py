"""Which address links lead to: that of a web program that runs, however many ask at once."""

import fcntl
from pathlib import Path

from filelock import FileLock

from jira_pipeline.context.settings import Settings
from jira_pipeline.context.web_address import ADDRESS_FILE, ADDRESS_LOCK, running_address


def test_the_address_is_that_of_a_program_that_runs(tmp_path: Path) -> None:
    """A second run that asked met the first one's lock, and broke off for want of an address."""
    settings = Settings(jira_pipeline_home=tmp_path)
    home = settings.home_path
    never = running_address(settings)
    with FileLock(home / ADDRESS_LOCK):
        begins = running_address(settings)
        (home / ADDRESS_FILE).write_text("http://127.0.0.1:3000", encoding="utf-8")
        runs = running_address(settings)
    (home / ADDRESS_LOCK).touch()
    with (home / ADDRESS_LOCK).open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        beside_another = running_address(settings)

    assert (never, begins, beside_another, running_address(settings)) == ("", "", "", "")
    assert runs == "http://127.0.0.1:3000"
