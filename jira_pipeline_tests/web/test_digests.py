"""Mail about what concerns people: handed to a real mail server, once, and tried again where none answers."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_string
from email.message import Message

import pytest
from typing_extensions import override

from jira_pipeline.flow import digests
from jira_pipeline.flow.digests import choose_mail, mail_choice, send_digests
from jira_pipeline.flow.inbox import inbox_of, mark_inbox
from jira_pipeline.flow.open_session import open_session
from jira_pipeline.kernel.notifications import NotificationMark
from jira_pipeline.kernel.people import ALL_SESSIONS, Person, Role
from jira_pipeline.review import drafting
from jira_pipeline.session.pipeline import Pipeline
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import NAMES, signed_in

pytestmark = pytest.mark.small_site
ME = Person(name=NAMES[Role.REVIEWER], role=Role.REVIEWER, membership=ALL_SESSIONS)


class Conversation(socketserver.StreamRequestHandler):
    """Speaks as much SMTP as it takes to get a mail, or what its server is made to say."""

    server: "MailServer"

    @override
    def handle(self) -> None:
        """Take mails until the client leaves."""
        self._say("220 test")
        while line := self.rfile.readline().decode().strip():
            verb = line.partition(" ")[0].upper()
            if verb in self.server.refused:
                self._say(self.server.refused[verb])
            elif verb == "DATA":
                self._say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                text = b"".join(lines).decode()
                self.server.mails.append(message_from_string(text))
                if self.server.is_silent_after_data:
                    return
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 yes")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps the mails it got."""

    allow_reuse_address = True

    def __init__(self) -> None:
        """Listen at a port of its own."""
        super().__init__(("127.0.0.1", 0), Conversation)
        self.mails: list[Message] = []
        self.refused: dict[str, str] = {}
        self.is_silent_after_data = False


@dataclass
class MovedClock:
    """A clock that goes on when it is moved."""

    at: datetime
    passed: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """Return the time it was moved to."""
        return self.at + self.passed


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server on this host."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextmanager
def quick_timeouts() -> Iterator[None]:
    """Wait for no answer as long as people would."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(digests, "SMTP_TIMEOUT_SECONDS", 0.2)
        yield


@pytest.fixture
def mailing(fresh_web: Web, mail_server: MailServer) -> Pipeline:
    """A pipeline with a mail server, whose clock is moved by hand; a reviewer wants mail."""
    pipeline = fresh_web.pipeline
    settings = pipeline.settings.model_copy(
        update={
            "smtp_host": "127.0.0.1",
            "smtp_port": mail_server.server_address[1],
            "smtp_tls": "none",
            "smtp_from": "pipeline@example.org",
            "web_base_url": "https://review.example.org/",
        }
    )
    clock = MovedClock(pipeline.clock.now())
    pipeline = replace(pipeline, settings=settings, clock=clock)
    choose_mail(pipeline, ME, " me@example.org ")
    return pipeline


def text_of(mail: Message) -> str:
    """What a mail says."""
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def passed(pipeline: Pipeline, **time: float) -> None:
    """Let time pass."""
    clock = pipeline.clock
    assert isinstance(clock, MovedClock)
    clock.passed += timedelta(**time)


def mention(pipeline: Pipeline, count: int = 1) -> None:
    """Mention the reviewer in so many comments."""
    opened = open_session(pipeline, SESSION)
    for _ in range(count):
        drafting.add_comment(
            opened, opened.ticket(5).ticket_id, f"@{ME.name}: the secret of the site", by="ben"
        )


def test_what_is_new_is_one_mail_at_most_an_hour_without_any_text(
    mailing: Pipeline, mail_server: MailServer
) -> None:
    mention(mailing, 2)
    send_digests(mailing)
    mention(mailing)
    send_digests(mailing)
    [mail] = mail_server.mails
    passed(mailing, minutes=61)
    send_digests(mailing)
    send_digests(mailing)

    text = text_of(mail)
    title = open_session(mailing, SESSION).ticket(5).title
    assert (mail["To"], mail["From"]) == ("me@example.org", "pipeline@example.org")
    assert mail["Subject"] == "Jira pipeline: 2 new for you"
    assert text.count("ben mentioned you in a comment on ticket 5.") == 2
    assert f"5 · {title}" in text
    assert "https://review.example.org/inbox" in text
    assert "secret" not in text
    assert [mail["Subject"][15:20] for mail in mail_server.mails] == ["2 new", "1 new"]


def test_ten_thousand_notifications_are_one_mail_of_fifty_lines(
    mailing: Pipeline, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "LINES_MAX", 2)
    mention(mailing, 5)

    send_digests(mailing)

    [mail] = mail_server.mails
    text = text_of(mail)
    assert (mail["Subject"], text.count("mentioned")) == ("Jira pipeline: 5 new for you", 2)
    assert "and 3 more" in text


def test_no_mail_goes_to_who_wants_none_read_it_or_was_removed(
    mailing: Pipeline, mail_server: MailServer
) -> None:
    mention(mailing)
    mark_inbox(mailing, ME, NotificationMark.READ, up_to=inbox_of(mailing, ME)[0])
    send_digests(mailing)
    mention(mailing)
    choose_mail(mailing, ME, "")
    send_digests(mailing)
    choose_mail(mailing, ME, "me@example.org")
    mailing.store.people.revoke(ME.name, by="test", at=mailing.clock.now())
    send_digests(mailing)

    assert mail_server.mails == []


def test_two_processes_send_a_mail_once(mailing: Pipeline, mail_server: MailServer) -> None:
    mention(mailing)
    both = threading.Barrier(2)

    def at_once() -> None:
        both.wait()
        send_digests(mailing)

    threads = [threading.Thread(target=at_once) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(mail_server.mails) == 1


def test_a_lost_answer_sends_the_same_mail_again(
    mailing: Pipeline, mail_server: MailServer
) -> None:
    mail_server.is_silent_after_data = True
    mention(mailing)
    send_digests(mailing)
    mail_server.is_silent_after_data = False
    send_digests(mailing)  # too early
    mention(mailing)
    passed(mailing, minutes=11)
    send_digests(mailing)

    first, again = mail_server.mails
    assert first["Message-ID"] == again["Message-ID"]
    assert first.get_payload() == again.get_payload()


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        ({"RCPT": "550 nobody"}, "the mail server does not take this address"),
        ({"MAIL": "550 no"}, "the mail server does not take mail from SMTP_FROM"),
        ({"DATA": "451 later"}, "the mail server answered 451"),
    ],
    ids=["recipient", "sender", "busy"],
)
def test_the_page_says_why_no_mail_came(
    fresh_web: Web,
    mailing: Pipeline,
    mail_server: MailServer,
    refused: dict[str, str],
    words: str,
) -> None:
    mail_server.refused = refused
    mention(mailing)
    send_digests(mailing)

    page = signed_in(replace(fresh_web, pipeline=mailing), Role.REVIEWER).get("/inbox").text

    assert f"The last was not sent: {words}. It is tried again." in page


def test_a_server_that_is_down_or_silent_holds_nobody_up(mailing: Pipeline) -> None:
    with socket.socket() as silent, quick_timeouts():
        silent.bind(("127.0.0.1", 0))
        down = silent.getsockname()[1]
        mailing = replace(mailing, settings=mailing.settings.model_copy(update={"smtp_port": down}))
        mention(mailing)
        send_digests(mailing)
        refused = mail_choice(mailing, ME)
        silent.listen()
        passed(mailing, minutes=11)
        send_digests(mailing)
        unanswered = mail_choice(mailing, ME)

    failures = [found and found.last and found.last.failure for found in (refused, unanswered)]
    assert str(failures[0]).startswith("the mail server cannot be reached")
    assert failures[1] == "the mail server does not answer, or broke off"


def test_mail_is_chosen_on_the_page_where_a_server_is_set(
    fresh_web: Web, mailing: Pipeline
) -> None:
    client = signed_in(replace(fresh_web, pipeline=mailing), Role.READER)

    refused = client.post("/inbox/mail", data={"address": "no address"})
    chosen = client.post("/inbox/mail", data={"address": "reader@example.org"})

    assert refused.status_code == chosen.status_code == 303
    assert "No mail" in client.get("/inbox").text
    assert "<h2>Mail</h2>" not in signed_in(fresh_web, Role.READER).get("/inbox").text
    client.post("/inbox/mail", data={"address": "reader@example.org", "do": "none"})
    assert mailing.store.digests.address_of(NAMES[Role.READER]) == ""
