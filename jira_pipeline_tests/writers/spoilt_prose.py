"""True prose with one invented fact each: what the provenance check is measured by.

Belongs here: the ways to spoil a sentence, and answers made of prose known to be true. Does not:
what must be caught (`test_spoilt_prose`).
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping

from jira_pipeline.domain.lexicon import number_words
from jira_pipeline.domain.ticket_links import with_titles
from jira_pipeline.domain.tickets import TicketProse
from jira_pipeline.ports.writing import TicketBrief
from jira_pipeline.writers.answers import TicketAnswer

Spoiler = Callable[[str], Iterator[str]]
"""Returns the sentence with one fact changed, once for each place."""

_NAME = re.compile(r"`([^`]+)`")
_WORDS = {value: word for word, value in number_words().items()}


def plain(fragment: str) -> str:
    """Return a fragment as a model writes it: names in backticks, no markup."""
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"</?code>", "`", fragment)))


def plain_items(fragment: str) -> list[str]:
    """Return the items of a list as a model writes them."""
    return [plain(item) for item in re.findall(r"<li>(.*?)</li>", fragment, re.DOTALL)]


def answer_of(brief: TicketBrief, prose: TicketProse) -> TicketAnswer:
    """Return prose as the answer it could have been made of, whatever its lengths.

    A model knows other tickets by their titles: `the ticket Configure view: Fleet`.
    """

    def items(part: str) -> list[str]:
        return plain_items(with_titles(part, brief.groups).replace("<a ", "the ticket <a "))

    return TicketAnswer.model_construct(
        user_story=plain(prose.parts.user_story).partition(" Description: ")[0],
        analysis=items(prose.parts.analysis),
        verification=items(prose.parts.verification),
        estimated_hours=None,
        questions=[],
        dependencies=[],
    )


def spoilt(answer: TicketAnswer, spoiler: Spoiler) -> Iterator[TicketAnswer]:
    """Return the answer with one sentence spoilt, for each sentence and place."""
    for sentence in spoiler(answer.user_story):
        yield answer.model_copy(update={"user_story": sentence})
    for part in ("analysis", "verification"):
        sentences = getattr(answer, part)
        for place, sentence in enumerate(sentences):
            for other in spoiler(sentence):
                yield answer.model_copy(
                    update={part: [*sentences[:place], other, *sentences[place + 1 :]]}
                )


def _at(match: re.Match[str], text: str) -> str:
    return match.string[: match.start()] + text + match.string[match.end() :]


def _other_machine_name(sentence: str) -> Iterator[str]:
    for match in _NAME.finditer(sentence):
        yield _at(match, f"`{match[1]}_2`")


def _misspelt_machine_name(sentence: str) -> Iterator[str]:
    for match in _NAME.finditer(sentence):
        name = match[1]
        if len(name) > 4 and name[2] != name[3]:
            yield _at(match, f"`{name[:2]}{name[3]}{name[2]}{name[4:]}`")


def _invented_machine_name(sentence: str) -> Iterator[str]:
    for match in _NAME.finditer(sentence):
        yield _at(match, "`field_guest_list`")


def _other_number(sentence: str) -> Iterator[str]:
    for match in re.finditer(r"(?<![\w.`])\d+(?![\w`])", _without_literals(sentence)):
        yield sentence[: match.start()] + str(int(match.group()) + 1) + sentence[match.end() :]


def _number_times_ten(sentence: str) -> Iterator[str]:
    for match in re.finditer(r"(?<![\w.`])\d+(?![\w`])", _without_literals(sentence)):
        yield sentence[: match.end()] + "0" + sentence[match.end() :]


def _other_number_word(sentence: str) -> Iterator[str]:
    words = "|".join(number_words())
    for match in re.finditer(rf"\b(?:{words})\b", _without_literals(sentence), re.IGNORECASE):
        value = number_words()[match.group().lower()] + 1
        yield sentence[: match.start()] + _WORDS.get(value, str(value)) + sentence[match.end() :]


def _without_literals(sentence: str) -> str:
    return re.sub(r"`[^`]*`|“[^”]*”", lambda m: "`" * len(m.group()), sentence)


def _other_quotation(sentence: str) -> Iterator[str]:
    for match in re.finditer(r"“([^”]*?)(\w+)([^\w”]*)”", sentence):
        yield _at(match, f"“{match[1]}parrots{match[3]}”")


def _other_measure(sentence: str) -> Iterator[str]:
    for match in re.finditer(r"\b\d+(?:mb|kb|px|%)|\b\d+x\d+\b", sentence):
        yield _at(match, f"9{match.group()}")


def _with(addition: str) -> Spoiler:
    def spoiler(sentence: str) -> Iterator[str]:
        yield f"{sentence.rstrip('.')}. {addition}"

    return spoiler


def _with_before_stop(addition: str) -> Spoiler:
    def spoiler(sentence: str) -> Iterator[str]:
        yield f"{sentence.rstrip('.')} {addition}."

    return spoiler


def _other_name(sentence: str) -> Iterator[str]:
    pattern = r"(?<=[a-z,] )[A-Z][a-z]+ [A-Z][a-z]+\b"
    for match in re.finditer(pattern, _without_literals(sentence)):
        yield sentence[: match.start()] + "Parrot Registry" + sentence[match.end() :]


def _other_story_role(sentence: str) -> Iterator[str]:
    if match := re.match(r"As an? ([^,]+)(?=, I )", sentence):
        yield _at(match, "As a bursar")


def _homoglyph(sentence: str) -> Iterator[str]:
    for match in _NAME.finditer(sentence):
        if "e" in match[1] or "a" in match[1]:
            yield _at(match, f"`{match[1].replace('e', chr(0x435)).replace('a', chr(0x430))}`")


def _with_inside(character: str) -> Spoiler:
    def spoiler(sentence: str) -> Iterator[str]:
        yield sentence[:5] + character + sentence[5:]

    return spoiler


SPOILERS: Mapping[str, Spoiler] = {
    "machine name with a suffix": _other_machine_name,
    "machine name misspelt": _misspelt_machine_name,
    "machine name invented": _invented_machine_name,
    "machine name of look-alike letters": _homoglyph,
    "count + 1": _other_number,
    "count x 10": _number_times_ten,
    "count word + 1": _other_number_word,
    "measure": _other_measure,
    "quotation": _other_quotation,
    "file type added": _with("It takes only odt files."),
    "address added": _with("See https://example.org/howto for more."),
    "domain added": _with_before_stop("as on intranet.example"),
    "e-mail added": _with_before_stop("and tells webteam@example.org"),
    "path added": _with_before_stop("below /secret/area"),
    "label": _other_name,
    "role of the user story": _other_story_role,
    "role added": _with("Only a Content Steward may change it."),
    "role in lower case": _with_before_stop("once a moderator agreed"),
    "limit added": _with("At most 37 of them are shown."),
    "limit in words": _with("At most nineteen pictures are shown."),
    "size added": _with("Files up to 77 MB are taken."),
    "quotation added": _with("The note says “only on Sundays”."),
    "HTML": _with("<b>Important</b>"),
    "script": _with("<script>alert(1)</script>"),
    "Markdown link": _with("[Read](this)"),
    "Markdown bold": _with("**Important**"),
    "line break": _with("Also\nthis."),
    "zero width": _with_inside("\u200b"),
    "bidirectional": _with_inside("\u202e"),
    "control": _with_inside("\x07"),
    "full width": _with_inside("\uff21"),
}
COUNTS = frozenset({"count + 1", "count word + 1"})
"""The neighbour of a count is often a count of something else in the facts."""
