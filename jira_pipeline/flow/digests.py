"""Mail about what concerns people, for those who want it: what is new since the last one.

Belongs here: when a mail is due, what it says, sending it. Does not: what concerns whom
(`store/concerns`), the page (`inbox`).

A mail is written down before it is sent, with an id that is part of its Message-ID. Where the
server's answer is lost it is sent again as the same mail, which mail programs show once.
"""

import logging
import smtplib
import ssl
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from jira_pipeline.errors import ErrorCategory, WrongUseError, system_words
from jira_pipeline.flow.inbox import InboxItem, inbox_items
from jira_pipeline.kernel.notifications import Digest
from jira_pipeline.kernel.people import Person
from jira_pipeline.session.pipeline import Pipeline
from jira_pipeline.settings import Settings, is_mail_address

MAILED_EVERY = timedelta(hours=1)
"""Of one person, at most; the first notification after that is mailed at once."""
TRIED_AGAIN_AFTER = timedelta(minutes=10)
"""Longer than any try takes: so two processes never send the same mail at once."""
GIVEN_UP_AFTER = timedelta(days=1)
SMTP_TIMEOUT_SECONDS = 20.0
"""For each answer of the server."""
LINES_MAX = 50
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailChoice:
    """Whether somebody gets mail, and what became of the last one."""

    address: str
    """Empty: none."""
    last: Digest | None


def mail_choice(pipeline: Pipeline, person: Person) -> MailChoice | None:
    """Return what somebody chose; None where no mail server is configured."""
    if pipeline.settings.smtp_host is None:
        return None
    digests = pipeline.store.digests
    return MailChoice(address=digests.address_of(person.name), last=digests.newest(person.name))


def choose_mail(pipeline: Pipeline, person: Person, address: str) -> None:
    """Send somebody mail to an address from now on; none where it is empty.

    Raises:
        WrongUseError: No mail can be sent there.
    """
    address = address.strip()
    if address and not is_mail_address(address):
        raise WrongUseError(
            f"No mail can be sent to {address[:100]!r}.",
            recovery_actions=("Give an address such as name@example.org.",),
        )
    pipeline.store.digests.set_address(person.name, address)


def send_digests(pipeline: Pipeline) -> None:
    """Mail everybody who wants it what is new; what no server takes is tried again later.

    Where the server is out of reach, the others wait for the next time.
    """
    settings, digests, now = pipeline.settings, pipeline.store.digests, pipeline.clock.now()
    if settings.smtp_host is None:
        return
    for known in pipeline.store.people.list_all():
        address = "" if known.is_revoked else digests.address_of(known.name)
        if not address:
            continue
        person = Person(name=known.name, role=known.role, membership=known.membership)
        last = digests.newest(person.name)
        if last is None or now - last.made_at >= MAILED_EVERY:
            digests.collect(person, at=now)
        digest = digests.take(
            person.name,
            made_since=now - GIVEN_UP_AFTER,
            tried_before=now - TRIED_AGAIN_AFTER,
            at=now,
        )
        if digest is None:
            continue
        category = _try(pipeline, digest, address)
        if category in {ErrorCategory.TEMPORARY, ErrorCategory.ADMIN_REQUIRED}:
            return


def _try(pipeline: Pipeline, digest: Digest, address: str) -> ErrorCategory | None:
    """Send a mail and note what became of it; return who can act where it was not sent."""
    unread = pipeline.store.notifications.unread_of(digest.digest_id)
    failure, category = "", None
    if unread:  # else it was read on the page meanwhile
        items = inbox_items(pipeline, unread[:LINES_MAX])
        message = message_of(pipeline.settings, digest, items, count=len(unread), address=address)
        try:
            sent_by_smtp(pipeline.settings, message)
        except (smtplib.SMTPException, OSError) as error:
            category, failure = _explained(error)
            logger.warning("digest %s was not sent (%s): %s", digest.digest_id, category, failure)
    sent_at = None if failure else pipeline.clock.now()
    pipeline.store.digests.note(digest.digest_id, sent_at=sent_at, failure=failure)
    return category


def message_of(
    settings: Settings,
    digest: Digest,
    items: tuple[InboxItem, ...],
    *,
    count: int,
    address: str,
) -> EmailMessage:
    """Return a mail; of tickets it has the titles, and nothing else."""
    base = (settings.web_base_url or "").rstrip("/")
    lines = []
    for item in items:
        lines += [
            f"{item.notification.entry.at:%Y-%m-%d %H:%M} UTC, {item.site_name}: {item.sentence}."
        ]
        lines += [f"    {ticket.number} · {ticket.title}" for ticket in item.tickets]
    if count > len(items):
        lines.append(f"and {count - len(items):,} more")
    where = f"All of it: {base}/inbox" if base else "The page Inbox has all of it."
    lines += ["", where, "No more mail? The page Inbox lets you choose."]
    message = EmailMessage()
    message["From"] = settings.smtp_from or ""
    message["To"] = address
    message["Subject"] = f"Jira pipeline: {count:,} new for you"
    message["Date"] = format_datetime(digest.made_at)
    message["Message-ID"] = f"<{digest.digest_id}@jira-pipeline.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join(lines))
    return message


def sent_by_smtp(settings: Settings, message: EmailMessage) -> None:
    """Hand a mail to the server.

    Raises:
        SMTPException: It refuses.
        OSError: It cannot be reached, does not answer in time, or shows another certificate.
    """
    host, context = settings.smtp_host or "", ssl.create_default_context()
    server: smtplib.SMTP
    if settings.smtp_tls == "tls":
        server = smtplib.SMTP_SSL(
            host, settings.smtp_port, timeout=SMTP_TIMEOUT_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(host, settings.smtp_port, timeout=SMTP_TIMEOUT_SECONDS)
    with server:
        if settings.smtp_tls == "starttls":
            server.starttls(context=context)
        if settings.smtp_user is not None and settings.smtp_password is not None:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        server.send_message(message)


def _explained(error: smtplib.SMTPException | OSError) -> tuple[ErrorCategory, str]:
    """Return who can act on what went wrong, and its words; none of a password or an address."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return ErrorCategory.USER_FIXABLE, "the mail server does not take this address"
        case smtplib.SMTPAuthenticationError():
            return ErrorCategory.ADMIN_REQUIRED, "the mail server does not let us in"
        case smtplib.SMTPSenderRefused():
            return ErrorCategory.ADMIN_REQUIRED, "the mail server does not take mail from SMTP_FROM"
        case smtplib.SMTPNotSupportedError() | ssl.SSLError():
            return ErrorCategory.ADMIN_REQUIRED, "the way to the mail server cannot be encrypted"
        case smtplib.SMTPResponseException():
            is_later = 400 <= error.smtp_code < 500  # noqa: PLR2004 - as RFC 5321 has it
            category = ErrorCategory.TEMPORARY if is_later else ErrorCategory.ADMIN_REQUIRED
            return category, f"the mail server answered {error.smtp_code}"
        case smtplib.SMTPException():
            return ErrorCategory.TEMPORARY, "the mail server does not answer, or broke off"
        case _:
            return (
                ErrorCategory.TEMPORARY,
                f"the mail server cannot be reached: {system_words(error)}",
            )
