"""Every stored error in plain language: what happened, what is safe, what comes next."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jira_pipeline.sharedo.errors  # noqa: F401 - a branch of the tree
from jira_pipeline.context.error_explanations import explain_error
from jira_pipeline.model.actions import Action, ActionKind, action_text, as_actions
from jira_pipeline.model.errors import GateRule, NotFoundKind, PipelineError, meanings
from jira_pipeline.model.records import StoredError
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline_tests.sessions.test_session_status import ERROR, SESSION

CHECKOUT = Path(__file__).resolve().parents[2]
FAILED = replace(SESSION, status=SessionStatus.FAILED, run_id="run-1")


def codes_below(cls: type[PipelineError]) -> Iterator[str]:
    for child in cls.__subclasses__():
        if child.__module__.startswith("jira_pipeline."):
            if "code" in vars(child):
                yield child.code
            yield from codes_below(child)


def an_error(number: int = 1, **changes: object) -> StoredError:
    return replace(ERROR, error_id=number, **changes)  # type: ignore[arg-type] # of several types


def test_every_code_of_the_tree_has_a_rule_and_no_rule_lacks_its_code() -> None:
    assert set(meanings()) == {*codes_below(PipelineError), *GateRule, *NotFoundKind}


def test_a_rule_is_made_of_sentences_and_names_a_section_that_exists() -> None:
    for code, meaning in meanings().items():
        name, section = meaning.read_more
        page = (CHECKOUT / name).read_text(encoding="utf-8").splitlines()

        assert all(text.endswith(".") for text in (meaning.means, meaning.safe)), code
        assert all(action_text(action).endswith(".") for action in meaning.actions_on()), code
        assert page.count(f"## {section}") + page.count(f"# {section}") == 1, code


def test_an_explanation_takes_the_steps_of_the_error_itself() -> None:
    found = explain_error(an_error(), session=FAILED, errors=[an_error()])

    assert found.next_steps == as_actions(["Read them.", "Mark them."])
    assert found.what_happened == meanings()["not_ready"].means
    assert found.who_acts == "Whoever uploaded or reviews the session."
    assert not found.is_over


def test_a_step_names_the_session_of_the_error() -> None:
    error = an_error(recovery_actions=(Action.of(ActionKind.DIFF_TICKET, "Run {}.", number=3),))

    (step,) = explain_error(error).next_steps

    assert action_text(step) == "Run `jira-pipeline tickets diff site 3`."


def test_what_is_over_leads_to_the_status() -> None:
    later = an_error(2, at=ERROR.at + timedelta(minutes=1))

    found = explain_error(an_error(), session=FAILED, errors=[an_error(), later])

    assert found.is_over
    assert [action_text(step) for step in found.next_steps] == [
        "`jira-pipeline status site` shows the next step."
    ]


def test_the_stage_adds_that_nothing_was_written_to_jira() -> None:
    early = explain_error(an_error(code="run_died", stage=SessionStage.PROCESSING.value))
    late = explain_error(an_error(code="run_died", stage=SessionStage.JIRA_EXPORT.value))

    assert early.safe == (
        meanings()["run_died"].safe,
        "This stage writes nothing to Jira; people's edits are kept.",
    )
    assert late.safe == (meanings()["run_died"].safe,)
