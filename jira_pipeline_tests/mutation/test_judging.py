"""What the judge says of tests that run, and of tests that do not."""

from jira_pipeline_tests.mutation.__main__ import CONTROL, UNCHANGED, controls_of
from jira_pipeline_tests.mutation.judging import open_workshop
from jira_pipeline_tests.mutation.mutated import LEDGER

DOMAIN = "jira_pipeline_tests/kernel/test_export_ledger.py"


def test_a_defence_is_noticed_when_it_is_taken_out_and_tests_that_do_not_run_are_a_failure() -> (
    None
):
    """An option of a plugin that was not loaded ended pytest: no test ran, no mutant was noticed."""
    with open_workshop(1) as workshop:
        controls = [one for one in controls_of(workshop.code) if one.file in LEDGER]
        baseline = workshop.measure([controls[0].file], seeds=0, quick=[DOMAIN])
        verdicts = list(workshop.judge(controls, baseline, seeds=0, seconds_max=20))
        (workshop.code.parent / "test_empty.py").touch()
        (workshop.code.parent / "test_skipped.py").write_text(
            "import pytest\n\n@pytest.mark.skip\ndef test_it():\n    pass\n", encoding="utf-8"
        )
        quick = ["test_missing.py", "test_empty.py", "test_skipped.py"]
        not_run = workshop.measure([LEDGER[0]], seeds=0, quick=quick)

    assert baseline.failed == ()
    noticed = {v.change.kind: v.noticed_by is not None for v in verdicts}
    assert noticed == {CONTROL: True, UNCHANGED: False}
    assert not_run.failed == (
        "usage_error in test_missing.py",
        "no_tests_collected in test_empty.py",
        "every test is skipped in test_skipped.py",
    )
