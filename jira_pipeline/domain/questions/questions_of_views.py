"""Certain questions of views and their displays.

Belongs here: what the cells leave open or contradict, without reading English. Does not: the words of a
ticket (`writers`), joining rows into one question (`open_questions`).
"""

from collections.abc import Iterator

from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.questions.doubts import Doubt
from jira_pipeline.domain.questions.question_index import QuestionIndex


def view_doubts(group: EntityGroup, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the rows of a group leave open."""
    del group, index
    yield from ()
