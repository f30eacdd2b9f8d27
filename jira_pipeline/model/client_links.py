"""A link by which a client sees the open questions of a session, and answers them without an account.

Belongs here: the value: what it shows, until when it holds. Does not: what a client proposes
(`open_questions`), keeping links (`store/client_link_store`), the page (`web/pages/client_page`).
"""

from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.open_questions import ProposedAnswer


@json_fields("made_for topics is_one_card made_by expires_at sent_at")
@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLink:
    """What is kept of the link that opens the page of a session's questions for one person."""

    session_key: str
    secret_sha256: str
    made_by: str
    expires_at: datetime
    made_for: str = ""
    """The name of that person, who has one link for all that they are asked."""
    topics: tuple[str, ...] = ()
    """What they are asked about; empty: everything."""
    card: str = ""
    """The name of the only card on it, where a colleague was asked by the page."""
    made_with: str = ""
    """The hash of the link of whoever asked a colleague: what revokes that, revokes this."""
    sent_at: datetime | None = None
    """When its holder sent what they had to say, last; until then nothing counts as said."""

    @property
    def is_one_card(self) -> bool:
        return bool(self.card)

    @property
    def who(self) -> str:
        """Who has it, as lists say it."""
        return self.made_for or "whoever has it"

    @property
    def proposer(self) -> str:
        """Who says what is proposed by it: a client may name a colleague like anybody."""
        return f"{self.made_for}, asked by {self.made_by}" if self.made_with else self.made_for

    @property
    def about(self) -> str:
        """What it asks about, as lists say it."""
        return "one question" if self.card else ", ".join(self.topics) or "everything"

    def is_for(self, name: str) -> bool:
        return self.made_for.casefold() == " ".join(name.split()).casefold()

    def gave(self, answer: "ProposedAnswer") -> bool:
        """Tell whether its holder gave an answer, also by an earlier link.

        Not where a client named them: whoever may name a colleague would read what others said.
        """
        is_again = bool(self.made_for) and not self.card and self.is_for(answer.given_by)
        return is_again or answer.secret_sha256 == self.secret_sha256

    def replaces(self, other: "ClientLink") -> bool:
        """Tell whether one takes the other's place: same person, same card, asked by the same."""
        mine = (self.card, self.made_with)
        theirs = (other.card, other.made_with)
        return self.is_for(other.made_for) and mine == theirs
