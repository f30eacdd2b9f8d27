"""What every SiteVerificationStore does."""

from dataclasses import replace

from jira_pipeline.model.site_verifications import Verification
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import START, an_upload

EMPTY = Verification(
    session_key="site",
    config="config",
    rows=(),
    tickets=(),
    causes=(),
    additional=(),
    questions=(),
    aliases=(),
)


def test_the_last_verification_and_the_one_before_it_are_found(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ab")
    other = replace(EMPTY, config="later")

    first, second = (
        store.site_verifications.keep(
            one, counts=EMPTY.counts, config_sha256="0", by="ada", at=START
        )
        for one in (EMPTY, other)
    )

    assert store.site_verifications.latest("site") == second
    assert store.site_verifications.latest("site", before=second.verification_id) == first
    assert store.site_verifications.latest("site", before=first.verification_id) is None
