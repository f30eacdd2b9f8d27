"""Writes: looked at, intended, sent and recorded, whatever is answered and whatever happens.

What each kind of write makes of that is tried at every request by `faults/test_single_faults`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Barrier

import pytest

from jira_pipeline.export.export_run import send_in_parallel
from jira_pipeline.export.repeated_writes import gone_or_hidden, write_once, write_together
from jira_pipeline.model.errors import (
    AccessError,
    CancelledError,
    LeaseLostError,
    PipelineError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)
from jira_pipeline.model.issue_tracker import Created, NothingDone, Unknown, WriteAnswer
from jira_pipeline_tests.export.small_site import SmallSite

DONE, LOST = Created(remote_id="7"), Unknown(reason="no answer")
REFUSED = NothingDone(error=RefusedError("No.", status_code=400))
HIDDEN = NothingDone(error=RefusedError("Not here.", status_code=404))
FORBIDDEN = NothingDone(error=AccessError("Not you.", status_code=403))
FORGOTTEN = NothingDone(error=AccessError("Who are you?", status_code=401))
DOWN = NothingDone(error=UnavailableError("Nobody is there."))


def busy(seconds: float) -> NothingDone:
    return NothingDone(error=RateLimitedError("Jira", wait_seconds=seconds))


@dataclass
class OneWrite:
    """Writes that are answered as given, and what happened in order."""

    site: SmallSite
    answers: list[WriteAnswer]
    happens: list[Callable[[], object]] = field(default_factory=list)
    """After each look."""
    is_due: bool = True
    count: int = 1
    """How many are sent at once."""
    is_cancelled: bool = False
    steps: list[str] = field(default_factory=list)

    def _look(self) -> list[str]:
        self.steps.append("look")
        if self.happens:
            self.happens.pop(0)()
        return ["intended"] * (self.count if self.is_due else 0)

    def _send(self, intended: str) -> WriteAnswer:
        self.steps.append(f"send what was {intended}")
        return self.answers.pop(0)

    def run(self, *, is_waiting: bool = True) -> WriteAnswer | None:
        """Bring it about."""
        run = self.site.run
        tools = replace(run.tools, is_cancelled=lambda: self.is_cancelled)
        answers = write_together(
            replace(run, tools=tools),
            intend=self._look,
            send=self._send,
            record=lambda _, answer: self.steps.append(type(answer).__name__),
            is_waiting=is_waiting,
        )
        return next(iter(answers), None)


@pytest.mark.parametrize("answer", [DONE, LOST, REFUSED, HIDDEN, FORBIDDEN])
def test_an_answer_is_recorded_and_returned(site: SmallSite, answer: WriteAnswer) -> None:
    write = OneWrite(site, [answer])

    assert write.run() is answer
    assert write.steps == ["look", "send what was intended", type(answer).__name__]


@pytest.mark.parametrize("answer", [FORGOTTEN, DOWN, busy(3_600.0)])
def test_what_concerns_the_whole_export_ends_it_once_it_is_recorded(
    site: SmallSite, answer: NothingDone
) -> None:
    write = OneWrite(site, [answer])

    with pytest.raises(PipelineError) as raised:
        write.run()

    assert raised.value is answer.error
    assert write.steps == ["look", "send what was intended", "NothingDone"]


def test_where_jira_asks_to_wait_it_is_waited_and_looked_at_again(site: SmallSite) -> None:
    write = OneWrite(site, [busy(7.0), busy(5.0), DONE])

    assert write.run() is DONE
    assert write.steps.count("look") == 3
    assert site.time.seconds == 12.0


def test_who_waited_already_is_not_waited_for_again_nor_who_asks_on_and_on(site: SmallSite) -> None:
    with pytest.raises(RateLimitedError):
        OneWrite(site, [busy(7.0), DONE]).run(is_waiting=False)
    with pytest.raises(RateLimitedError):
        OneWrite(site, [busy(1.0)] * 9).run()


def test_it_is_looked_again_where_the_process_stood_still(site: SmallSite) -> None:
    asleep: list[Callable[[], object]] = [lambda: site.time.sleep(3_600.0)]
    write = OneWrite(site, [DONE], happens=[*asleep])

    assert write.run() is DONE
    assert write.steps == ["look", "look", "send what was intended", "Created"]
    with pytest.raises(LeaseLostError):
        OneWrite(site, [DONE], happens=asleep * 9).run()


def test_what_needs_no_write_or_is_cancelled_is_not_sent(site: SmallSite) -> None:
    idle = OneWrite(site, [], is_due=False)
    cancelled = OneWrite(site, [], is_cancelled=True)

    assert idle.run() is None
    with pytest.raises(CancelledError):
        cancelled.run()
    assert (idle.steps, cancelled.steps) == (["look"], [])


def test_of_writes_sent_at_once_each_is_recorded_before_an_error_of_one_ends_them(
    site: SmallSite,
) -> None:
    writes = OneWrite(site, [DONE, FORGOTTEN, LOST], count=3)

    with pytest.raises(AccessError):
        writes.run()
    assert writes.steps[0] == "look"
    assert writes.steps[-3:] == ["Created", "NothingDone", "Unknown"]


def test_one_write_is_none_where_nothing_is_due(site: SmallSite) -> None:
    sent: list[str] = []

    def send(intended: str) -> WriteAnswer:
        sent.append(intended)
        return DONE

    nothing = write_once(site.run, intend=lambda: None, send=send, record=lambda *_: None)
    something = write_once(site.run, intend=lambda: "it", send=send, record=lambda *_: None)

    assert (nothing, something, sent) == (None, DONE, ["it"])


def test_requests_at_once_do_not_wait_for_each_other() -> None:
    together = Barrier(3, timeout=30.0)

    def send(number: int) -> WriteAnswer:
        together.wait()
        return Created(remote_id=str(number))

    answers = send_in_parallel(send, [3, 1, 2])

    assert answers == [Created(remote_id=one) for one in ("3", "1", "2")]


def test_a_deletion_that_is_answered_404_has_to_be_looked_at() -> None:
    assert gone_or_hidden(HIDDEN) == Unknown(reason="Not here.")
    assert [gone_or_hidden(one) for one in (DONE, REFUSED)] == [DONE, REFUSED]
