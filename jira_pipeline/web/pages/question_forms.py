"""What the forms of one question say, on the page of questions and on that of its ticket.

Belongs here: the fields of these forms, and what is done about them. Does not: what answers mean
(`review/questions`), where the browser goes then (`questions_page`, `ticket_page`).
"""

from dataclasses import replace
from typing import Annotated

from fastapi import Form
from pydantic import BaseModel, Field

from jira_pipeline.model.errors import AnswerConflictError, PipelineError, WrongUseError
from jira_pipeline.model.open_questions import Audience
from jira_pipeline.review import answers
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.outcomes import Step
from jira_pipeline.review.questions import ANSWER_MAX_CHARACTERS, AskedQuestion, accepted_at
from jira_pipeline.web.pages.showing import Notice, notice_of

REASON_MAX_CHARACTERS = 1_000
PLACE_MAX_CHARACTERS = 40
SHOWN_MAX = 500
TICKETS_NAMED = 10
"""Of what was typed; a browser with scripts has all of it."""
_ASKING = {f"ask {one.value}": one for one in Audience} | {"word": Audience.CLIENT}
"""What a form does that sends a question to somebody."""
_ANSWERING = {"answer", "take_back"}
PLACE_PATTERN = r"^[0-9.]*$"


class QuestionForm(BaseModel):
    """What somebody does about one question."""

    ticket_id: Annotated[str, Field(max_length=64)]
    question_id: Annotated[str, Field(max_length=64)]
    do: Annotated[str, Field(max_length=20)] = "answer"
    answer_text: Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)] = ""
    choice: Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)] = ""
    was: Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)] = ""
    """The answer that the page showed; empty where it showed none."""
    proposed: Annotated[int | None, Field(ge=0)] = None
    """How much the page showed that clients proposed."""
    alone: bool = False
    """The answer is for this ticket, not where else the same is asked."""
    reason: Annotated[str, Field(max_length=REASON_MAX_CHARACTERS)] = ""
    words: Annotated[str, Field(max_length=ANSWER_MAX_CHARACTERS)] = ""
    """For the client, who is asked."""
    then: Annotated[str, Field(max_length=PLACE_MAX_CHARACTERS, pattern=PLACE_PATTERN)] = ""
    """The place of the question that comes next."""

    @property
    def text(self) -> str:
        """What is answered in words; empty where the answer is taken back."""
        text = (self.choice or self.answer_text).replace("\r\n", "\n")
        return "" if self.do == "take_back" else text

    def question_in(self, opened: OpenSession) -> AskedQuestion | None:
        """Return the question it is about; none where it is not asked any more."""
        wanted = (self.ticket_id, self.question_id)
        return next((q for q in opened.questions if wanted in q.keys_of_rows), None)


AboutQuestion = Annotated[QuestionForm, Form()]


def done_about(
    opened: OpenSession, form: QuestionForm, *, by: str
) -> tuple[Notice, tuple[Step, ...]]:
    """Do what a form says about a question, say what that came to and what takes it back."""
    question = form.question_in(opened)
    try:
        if question is None:
            raise WrongUseError("This question is no longer open.")
        proposals = opened.proposed_to(opened.asked.in_ticket([question])[0])
        if form.proposed not in {None, len(proposals)}:
            raise WrongUseError(
                f"The client proposed meanwhile: “{proposals[0].text}”. Nothing was saved."
            )
        if form.do in _ASKING:
            words = form.words.replace("\r\n", "\n") if form.do == "word" else ""
            sent = answers.ask(
                opened, [question.place], audience=_ASKING[form.do], words=words, by=by
            )
            return Notice(" ".join(sent.sentences), "ok"), sent.undo
        suggested = accepted_at(
            [question.place] if form.do == "accept" else [], opened.questions, {}
        )
        outcome = answers.answer(
            opened,
            [(question.place, form.text), *suggested] if form.do in _ANSWERING else suggested,
            not_relevant=[(question.place, form.reason)] if form.do == "not_relevant" else [],
            objected=[(question.place, form.reason)] if form.do == "object" else [],
            were={question.place: form.was.replace("\r\n", "\n")},
            is_only=form.alone,
            by=by,
        )
    except AnswerConflictError as error:
        notice = notice_of(error)
        yours = f" Yours: “{form.text[:SHOWN_MAX]}”" if form.text else ""
        return replace(notice, text=notice.text + yours), ()
    except PipelineError as error:
        return notice_of(error), ()
    notice = Notice(
        " ".join(outcome.sentences),
        "ok" if outcome.kept else "info",
        tickets=outcome.unmarked[:TICKETS_NAMED],
    )
    return notice, outcome.undo


def anchor_of(place: str) -> str:
    """Return where a question is on the page of questions; empty for none."""
    return f"#question-{place.replace('.', '-')}" if place else ""
