"""What every ValidationStore does."""

from dataclasses import replace

import pytest

from jira_pipeline.model.ticket_validations import BrokenRule, Validation
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, a_validation, after

pytestmark = pytest.mark.usefixtures("session")


def test_the_latest_validation_comes_back_as_it_was_recorded(store: Store) -> None:
    """With broken rules, and the revision that was looked at; also one of no tickets."""
    empty = Validation(session_key="site", at=START, results=())
    violation = BrokenRule(
        path="$.content[0]['a b']",
        rule="misplaced",
        message="“heading” is not allowed here.",
        suggested_fix="Move it out.",
    )
    first, second = a_validation(is_passed=False).results
    first = replace(first, revision=3, content_hash="c" * 64, violations=(violation,))
    validation = replace(a_validation(after(2)), results=(first, second))

    seen = [store.validations.latest("site")]
    for one in (empty, a_validation(after(1)), validation):
        store.validations.record(one)
        seen.append(store.validations.latest("site"))

    entry = store.audit.entries("site")[-1]
    assert seen == [None, empty, a_validation(after(1)), validation]
    assert after(2) == store.sessions.get("site").last_validated_at
    assert ("validation_recorded", after(2)) == (entry.action, entry.at)
    assert entry.details == {"is_passed": False, "tested": 2, "failed": ["t01"]}


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
