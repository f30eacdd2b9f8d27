"""What every LayoutStore does: keep what people say of worksheets, and let nobody overwrite another."""

from dataclasses import replace

import pytest

from jira_pipeline.model.errors import EditConflictError
from jira_pipeline.model.layouts import CHANGES_KEPT_MAX, LayoutDraft, UsedLayout
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import SHA, START, after, an_upload

SITE = "site"
USED = UsedLayout(
    session_key=SITE,
    layout_sha256=SHA,
    layout="version: 1\nsheets: []\n",
    site_name="Museum",
    confirmed_by="ada",
    confirmed_at=after(5),
)


@pytest.fixture(autouse=True)
def _site(store: Store) -> None:
    store.sessions.register(an_upload(), at=START, actor="ada")


def test_a_draft_takes_the_place_of_the_one_it_was_made_of_and_of_no_other(store: Store) -> None:
    store.layouts.save_draft(SITE, "first", revision=0, by="ada", at=after(1))
    second = store.layouts.save_draft(SITE, "second", revision=1, by="bob", at=after(2))

    with pytest.raises(EditConflictError, match="now at revision 2, by bob; this was made to rev"):
        store.layouts.save_draft(SITE, "third", revision=1, by="ada", at=after(3))

    assert store.layouts.draft(SITE) == second
    assert second == LayoutDraft(
        session_key=SITE, revision=2, layout="second", saved_by="bob", saved_at=after(2)
    )


def test_what_is_confirmed_is_no_draft_and_is_remembered(store: Store) -> None:
    store.layouts.save_draft(SITE, "first", revision=0, by="ada", at=after(1))

    store.layouts.confirm(USED, revision=1)

    assert store.layouts.draft(SITE) is None
    assert store.layouts.used_by(SITE) == USED
    with pytest.raises(EditConflictError):
        store.layouts.confirm(USED, revision=1)
    with pytest.raises(EditConflictError):
        store.layouts.save_draft(SITE, "late", revision=1, by="bob", at=after(6))
    assert store.layouts.revision(SITE) == 2


def test_a_discarded_draft_is_gone_and_its_revision_is_not_used_again(store: Store) -> None:
    store.layouts.save_draft(SITE, "first", revision=0, by="ada", at=after(1))

    store.layouts.discard_draft(SITE, revision=1, by="ada", at=after(2))

    assert store.layouts.draft(SITE) is None
    assert store.layouts.revision(SITE) == 2


def test_changes_are_undone_one_after_the_other_and_by_nobody_who_saw_an_older_draft(
    store: Store,
) -> None:
    store.layouts.save_draft(SITE, "first", revision=0, by="ada", at=after(1))
    store.layouts.save_draft(SITE, "second", revision=1, by="bob", at=after(2))
    store.layouts.discard_draft(SITE, revision=2, by="bob", at=after(3))

    with pytest.raises(EditConflictError, match="now at revision 3"):
        store.layouts.undo_change(SITE, revision=2, by="ada", at=after(4))
    drafts = []
    for revision in (3, 4, 5):
        store.layouts.undo_change(SITE, revision=revision, by="ada", at=after(5))
        draft = store.layouts.draft(SITE)
        drafts.append("" if draft is None else draft.layout)

    assert drafts == ["second", "first", ""]
    assert store.layouts.last_change(SITE) is None
    assert store.layouts.undo_change(SITE, revision=6, by="ada", at=after(6)) is None


def test_what_was_chosen_before_a_layout_was_confirmed_is_undone_no_more(store: Store) -> None:
    for revision in range(CHANGES_KEPT_MAX + 2):
        store.layouts.save_draft(SITE, f"{revision}", revision=revision, by="ada", at=after(1))
    kept = store.layouts.last_change(SITE)

    store.layouts.confirm(USED, revision=CHANGES_KEPT_MAX + 2)

    assert kept is not None
    assert kept.layout_before == f"{CHANGES_KEPT_MAX}"
    assert store.layouts.last_change(SITE) is None


def test_a_layout_that_two_sessions_used_is_one_and_the_newest_comes_first(store: Store) -> None:
    other = replace(USED, session_key="other", confirmed_at=after(9))
    older = replace(USED, layout_sha256="b" * 64, confirmed_at=after(1))
    for used in (USED, other, older):
        store.layouts.remember(used)

    assert store.layouts.used_layouts(most=5) == (other, older)
    assert store.layouts.used_layouts(most=1) == (other,)
    assert store.layouts.used_by(SITE) == USED


def test_layouts_stay_when_their_session_is_removed(store: Store) -> None:
    draft = store.layouts.save_draft(SITE, "first", revision=0, by="ada", at=after(1))
    store.layouts.remember(USED)

    store.sessions.remove(SITE, at=after(9), by="retention")

    assert store.layouts.draft(SITE) == draft
    assert store.layouts.used_by(SITE) == USED
