"""Runs a life of a home: act after act, and looks after each whether a person's word is lost.

Belongs here: running, and judging from the tables. Does not: the acts (`home_world`), where words
are looked for (`kept_words`).
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import dagster as dg

from jira_pipeline_tests.faults.home_world import SKIPPED, HomeWorld, make_home, open_home
from jira_pipeline_tests.faults.kept_words import (
    IN_JIRA,
    Word,
    text_at_site,
    text_in_issues,
    text_in_store,
    titles_at_site,
)
from jira_pipeline_tests.faults.schedules import AtHome, HomeAct


@dataclass
class HomeRunner:
    """Runs lives of homes in a folder, each on a copy of the same beginning."""

    folder: Path
    _held: ExitStack = field(default_factory=ExitStack)

    def run(self, acts: Sequence[AtHome]) -> tuple[str, ...]:
        """Let acts happen one after the other; return what is wrong."""
        own = self.folder / "home"
        shutil.copytree(self._beginning.folder, own)
        try:
            with open_home(own, self._beginning.instance) as world:
                world.resume(self._beginning.words)
                wrong: dict[str, None] = {}
                for act in acts:
                    world.do(act.what, act.ticket)
                    wrong |= dict.fromkeys(wrong_after(world, act.what))
                return tuple(wrong)
        finally:
            shutil.rmtree(own)

    def close(self) -> None:
        self._held.close()

    @cached_property
    def _beginning(self) -> "Beginning":
        """Make what every life begins with, once."""
        instance = self._held.enter_context(dg.DagsterInstance.ephemeral())
        folder = self.folder / "beginning of homes"
        return Beginning(folder=folder, instance=instance, words=make_home(folder, instance))


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A home as it was made, and what people had said by then."""

    folder: Path
    instance: dg.DagsterInstance
    words: tuple[Word, ...]


def wrong_after(world: HomeWorld, act: HomeAct) -> Iterator[str]:
    """Find what an act took from people; what is found is looked for no longer."""
    kept = text_in_store(world.store_path)
    at_site = text_at_site(world.site_path)
    in_issues = text_in_issues(world.site_path)
    told = " ".join(world.told)
    for word in [*world.words]:
        is_in_issue = word.text in in_issues
        is_kept = word.text in at_site or (word.text in kept and word.kind not in IN_JIRA)
        is_taken_out = word.was_in_issue and not is_in_issue and act is not HomeAct.UNDO
        if not is_kept:
            world.words.remove(word)
            yield f"a person's word is lost by {act}: {word}"
        elif is_taken_out and word.text not in told:
            yield f"a person's word is taken out of its issue by {act}: {word}"
        word.was_in_issue = is_in_issue
    if world.is_skipped and any(SKIPPED in title for title in titles_at_site(world.site_path)):
        world.is_skipped = False
        yield f"{act} creates the issue of {SKIPPED}, which people skipped"
    for replaced in world.replaced_sheets:
        yield f"{act} replaces newer sheets: {replaced}"
    world.replaced_sheets.clear()
