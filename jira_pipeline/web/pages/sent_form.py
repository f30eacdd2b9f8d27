"""A page in which a form that was sent, and not saved yet, still says what somebody chose in it.

Belongs here: finding the form by its hidden fields, and putting what was sent into its fields. Does not:
what a form means (`layout_form`), why it was not saved (`sheets/layouts/choice_changes`).

The whole page is read, so that no template has to know of it: a page shows dozens of forms.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from itertools import accumulate
from typing import Any

from typing_extensions import override

FORM_ANCHOR = "unsaved-form"
"""The place right above the form."""
GO_BACK = "go-back"
"""The link of the page that leads to the form."""
_REVISION = "revision"
_NOTICE = (
    f'<p class="notice warn" id="{FORM_ANCHOR}">Nothing in this form is saved yet. What you chose '
    'is still in it. <a href="#change">Read what it would change</a>.</p>'
)


def refilled_form(page: str, sent: Mapping[str, Any]) -> str:
    """Return a page in which the form that was sent has what was sent; as it is where there is none.

    `sent` are the fields of the form that are not empty, by name.
    """
    tags = _PageElements(page)
    values = {name: _texts_of(value) for name, value in sent.items()}
    fitting = [form for form in tags.forms if _was_sent(form, values)]
    if not fitting:
        return page
    form = max(fitting, key=lambda fitting_form: len(fitting_form.hidden))
    edits = {form.tag.start: (form.tag.start, _NOTICE)}
    if tags.go_back is not None:
        link = tags.go_back.with_attributes(href=f"#{FORM_ANCHOR}")
        edits[tags.go_back.start] = (tags.go_back.end, link)
    for control, text in _changed_controls(form, values):
        for details in control.details:
            edits[details.start] = (details.end, details.with_attributes(open=None))
        for tag, changed in control.edits(text):
            edits[tag.start] = (tag.end, changed)
    return _edited(page, edits)


def _edited(page: str, edits: Mapping[int, tuple[int, str]]) -> str:
    parts: list[str] = []
    at = 0
    for start, (end, text) in sorted(edits.items()):
        parts += [page[at:start], text]
        at = end
    return "".join([*parts, page[at:]])


def _texts_of(value: Any) -> list[str]:
    """Return what a field of a form was sent as: a text, a number, yes or no, or a list of these."""
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, list):
        return [_texts_of(inner)[0] for inner in value]
    return [_with_plain_lines(str(value))]


def _with_plain_lines(text: str) -> str:
    """Return a text with the line ends that it has in a page: browsers send others."""
    return text.replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    attributes: Mapping[str, str | None]
    start: int
    end: int

    def with_attributes(self, **attributes: str | None) -> str:
        """Return the tag with further attributes, or other ones."""
        return self._written({**self.attributes, **attributes})

    def without(self, attribute: str) -> str:
        others = {name: value for name, value in self.attributes.items() if name != attribute}
        return self._written(others)

    def _written(self, attributes: Mapping[str, str | None]) -> str:
        words = [self.name]
        for name, value in attributes.items():
            words.append(name if value is None else f'{name}="{escape(value)}"')
        return f"<{' '.join(words)}>"


@dataclass(slots=True)
class _FormField:
    """A field of a form that somebody fills in or chooses."""

    tag: _Element
    details: tuple[_Element, ...]
    """The parts of the page around it that may be folded."""
    options: list[_Element] = field(default_factory=list)

    @property
    def is_box(self) -> bool:
        return self.tag.attributes.get("type") == "checkbox"

    @property
    def text(self) -> str:
        """What the page shows as its value; of a box, what it sends where it is ticked."""
        if self.tag.name == "input":
            return self.tag.attributes.get("value") or ""
        selected = [option for option in self.options if "selected" in option.attributes]
        return next((_value_of(option) for option in [*selected, *self.options]), "")

    def edits(self, text: str) -> Iterator[tuple[_Element, str]]:
        """Yield the tags that change where it says something else, each with what it is then."""
        if self.is_box and text:
            yield self.tag, self.tag.with_attributes(checked=None)
        elif self.is_box:
            yield self.tag, self.tag.without("checked")
        elif self.tag.name == "input":
            yield self.tag, self.tag.with_attributes(value=text)
        elif text in map(_value_of, self.options):
            for option in self.options:
                if _value_of(option) == text:
                    yield option, option.with_attributes(selected=None)
                else:
                    yield option, option.without("selected")


def _value_of(option: _Element) -> str:
    return option.attributes.get("value") or ""


@dataclass(slots=True)
class _Form:
    tag: _Element
    hidden: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    controls: list[_FormField] = field(default_factory=list)


def _was_sent(form: _Form, values: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether all that a form says without being asked was sent."""
    if not form.hidden.get("do"):
        return False
    for name, texts in form.hidden.items():
        if name == _REVISION:
            continue
        # What is empty, or a plain no, is not among the values.
        is_left_out = name not in values and set(texts) <= {"", "false"}
        if not is_left_out and [*values.get(name, ())] != [*map(_with_plain_lines, texts)]:
            return False
    return True


def _changed_controls(
    form: _Form, values: Mapping[str, Sequence[str]]
) -> Iterator[tuple[_FormField, str]]:
    """Yield the fields of a form that were sent otherwise than the page shows them, with what was sent."""
    counts: dict[str, int] = defaultdict(int)
    for control in form.controls:
        name = control.tag.attributes.get("name") or ""
        texts = values.get(name, ())
        if control.is_box:
            is_ticked = control.text in texts
            if is_ticked != ("checked" in control.tag.attributes):
                yield control, control.text if is_ticked else ""
            continue
        at = counts[name]
        counts[name] += 1
        text = texts[at] if at < len(texts) else ""
        if text != _with_plain_lines(control.text):
            yield control, text


class _PageElements(HTMLParser):
    """The forms of a page with their fields, and where the tags of these are in its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self.go_back: _Element | None = None
        self._line_starts = [0, *accumulate(len(line) + 1 for line in page.split("\n"))]
        self._forms_by_id: dict[str, _Form] = {}
        self._form: _Form | None = None
        self._select: _FormField | None = None
        self._details: list[_Element] = []
        self.feed(page)
        self.close()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line, column = self.getpos()
        start = self._line_starts[line - 1] + column
        read = _Element(tag, dict(attrs), start, start + len(self.get_starttag_text() or ""))
        if tag == "form":
            self._form = _Form(read)
            self.forms.append(self._form)
            self._forms_by_id[read.attributes.get("id") or ""] = self._form
        elif tag == "details":
            self._details.append(read)
        elif tag == "option" and self._select is not None:
            self._select.options.append(read)
        elif tag == "a" and read.attributes.get("id") == GO_BACK:
            self.go_back = read
        elif tag in {"input", "select"}:
            self._take_control(read)

    def _take_control(self, tag: _Element) -> None:
        form_id = tag.attributes.get("form")
        form = self._form if form_id is None else self._forms_by_id.get(form_id)
        control = _FormField(tag, tuple(self._details))
        self._select = control if tag.name == "select" else None
        name = tag.attributes.get("name")
        if form is None or not name:
            return
        if tag.attributes.get("type") == "hidden":
            form.hidden[name].append(tag.attributes.get("value") or "")
        else:
            form.controls.append(control)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "details" and self._details:
            self._details.pop()
