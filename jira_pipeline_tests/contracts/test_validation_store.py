"""What every ValidationStore does."""

from dataclasses import replace

import pytest

from jira_pipeline.model.rendered_tickets import BrokenRule, Validation
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_validation, after

pytestmark = pytest.mark.usefixtures("session")


def test_the_latest_validation_comes_back_as_it_was_recorded(store: Store) -> None:
    """With broken rules, and the revision that was looked at."""
    before = store.validations.latest("site")
    violation = BrokenRule(
        path="$.content[0]['a b']",
        rule="misplaced",
        message="“heading” is not allowed here.",
        suggested_fix="Move it out.",
    )
    first, second = a_validation(is_passed=False).results
    first = replace(first, revision=3, content_hash="c" * 64, violations=(violation,))
    validation = replace(a_validation(after(2)), results=(first, second))

    store.validations.record(a_validation(after(1)))
    store.validations.record(validation)

    assert before is None
    assert validation == store.validations.latest("site")
    assert after(2) == store.sessions.get("site").last_validated_at


def test_what_is_found_of_some_tickets_takes_the_place_of_their_older_results(store: Store) -> None:
    """The validation is no younger by that: the others were not looked at."""
    store.validations.record(a_validation(after(1), is_passed=False))
    first, second = a_validation(after(1), is_passed=False).results
    corrected = replace(first, is_passed=True, rendered_hash="e" * 64, error_message="")
    added = replace(second, ticket_id="t09", is_passed=False)

    store.validations.amend("site", [corrected, added], at=after(2))

    found = store.validations.latest("site")
    assert found is not None
    assert (found.at, found.results) == (after(1), (corrected, second, added))
    assert after(1) == store.sessions.get("site").last_validated_at
    entry = store.audit.entries("site")[-1]
    assert entry.details == {"is_passed": False, "tested": 2, "failed": ["t09"]}


def test_a_validation_of_no_tickets_is_kept_and_has_not_passed(store: Store) -> None:
    empty = Validation(session_key="site", at=START, results=())

    store.validations.record(empty)

    assert empty == store.validations.latest("site")


def test_a_validation_is_audited_with_what_failed(store: Store) -> None:
    store.validations.record(a_validation(after(1), is_passed=False))

    entry = store.audit.entries("site")[-1]
    assert ("validation_recorded", after(1)) == (entry.action, entry.at)
    assert entry.details == {"is_passed": False, "tested": 2, "failed": ["t01"]}
