"""What Retry-After asks for, in every form of RFC 9110, § 5.6.7 and § 10.2.3."""

from datetime import UTC, datetime

from jira_pipeline.model.clock import asked_seconds
from jira_pipeline_tests.tables import each

ANSWERED_AT = datetime(1994, 11, 6, 8, 49, 7, tzinfo=UTC)


@each(
    ("header", "seconds"),
    [
        ("30", 30.0),
        (" 30 ", 30.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 30.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 30.0),
        ("Sun Nov  6 08:49:37 1994", 30.0),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("\u0663", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
    ],
)
def test_a_wait_is_read_as_seconds_or_as_a_date(header: str, seconds: float | None) -> None:
    assert asked_seconds(header, answered_at=ANSWERED_AT) == seconds


def test_a_date_says_nothing_where_nobody_knows_when_it_was_sent() -> None:
    assert asked_seconds("Sun, 06 Nov 1994 08:49:37 GMT", answered_at=None) is None
