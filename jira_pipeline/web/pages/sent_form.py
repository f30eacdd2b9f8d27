"""A page in which a form that was sent, and not saved yet, still says what somebody chose in it.

The HTML of the page comes in, as it is shown afresh, with the fields that were sent; the HTML with these
values in the form goes out. The form is found by its hidden fields: all that it says without being asked
was sent with it.

Belongs here: finding the form by its hidden fields, and putting what was sent into its fields. Does not:
what a form means (`layout_form`), why it was not saved (`sheets/layouts/choice_changes`).

Templates need not know of it: a page shows dozens of forms.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.model.grouped import group_pairs
from jira_pipeline.web.pages.layout_form import with_plain_breaks

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
    """Return a page in which the form that was sent has what was sent.

    `sent` are the fields of the form that are not empty, by name. Where no form of the page was sent,
    the page stays as it is; where several fit, the one with most hidden fields is meant.
    """
    tree = LexborHTMLParser(page)
    values = {name: _texts_of(value) for name, value in sent.items()}
    forms = [_Form(node, _fields_of(node, tree)) for node in tree.css("form")]
    fitting = [form for form in forms if _was_sent(form, values)]
    if not fitting:
        return page
    form = max(fitting, key=lambda fitting_form: len(fitting_form.hidden_texts))
    for field, text in _changed_fields(form, values):
        _fill(field, text)
        _unfold(field)
    for notice in LexborHTMLParser(_NOTICE).css("p"):
        form.node.insert_before(notice)
    for link in tree.css(f"#{GO_BACK}"):
        link.attrs["href"] = f"#{FORM_ANCHOR}"
    return tree.html or page


def _texts_of(value: Any) -> list[str]:
    """Return the texts that a browser sent for a field, whose value was read as another type since."""
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, list):
        return [_texts_of(inner)[0] for inner in value]
    return [with_plain_breaks(str(value))]


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of the page, with its named fields in the order of the page."""

    node: LexborNode
    fields: Sequence[LexborNode]

    @property
    def hidden_texts(self) -> Mapping[str, Sequence[str]]:
        """What it always sends, by the names of its hidden fields."""
        hidden = [field for field in self.fields if _attribute(field, "type") == "hidden"]
        return group_pairs((_attribute(field, "name"), _text_shown(field)) for field in hidden)


def _fields_of(form: LexborNode, tree: LexborHTMLParser) -> list[LexborNode]:
    """Return the named fields inside a form, and those elsewhere that say that they are of it."""
    fields = form.css("input[name]:not([form]), select[name]:not([form])")
    form_id = _attribute(form, "id")
    if form_id:
        fields += tree.css(f"input[name][form='{form_id}'], select[name][form='{form_id}']")
    return fields


def _was_sent(form: _Form, values: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether what a form always sends is among what was sent, the revision of the draft apart."""
    hidden_texts = form.hidden_texts
    if "do" not in hidden_texts:
        return False
    for name, texts in hidden_texts.items():
        if name == _REVISION:
            continue
        # Only fields that are not empty come in, so that an empty text or a plain no is missing there.
        is_empty = name not in values and set(texts) <= {"", "false"}
        if not is_empty and [*values.get(name, ())] != [*texts]:
            return False
    return True


def _changed_fields(
    form: _Form, values: Mapping[str, Sequence[str]]
) -> Iterator[tuple[LexborNode, str]]:
    """Yield the fields of a form that were sent otherwise than the page shows them, with what was sent.

    The text is blank for a box that is not ticked.
    """
    counts: Counter[str] = (
        Counter()
    )  # fields so far by name: a list sends one text for each of them
    for field in form.fields:
        name = _attribute(field, "name")
        texts = values.get(name, ())
        match _attribute(field, "type"):
            case "hidden":
                continue
            case "checkbox":
                text_shown = _text_shown(field)
                is_ticked = text_shown in texts
                if is_ticked != ("checked" in field.attributes):
                    yield field, text_shown if is_ticked else ""
            case _:
                text = texts[counts[name]] if counts[name] < len(texts) else ""
                counts[name] += 1
                if text != _text_shown(field):
                    yield field, text


def _text_shown(field: LexborNode) -> str:
    """Return what the page shows as the value of a field.

    Of a box that is what it sends where it is ticked, of a list its chosen option or else the first.
    """
    if field.tag == "select":
        options = [*field.css("option[selected]"), *field.css("option")]
        return _attribute(options[0], "value") if options else ""
    return with_plain_breaks(_attribute(field, "value"))


def _fill(field: LexborNode, text: str) -> None:
    """Make a field show a text.

    Any text ticks a box, and a blank one unticks it. A list that does not offer the text stays as it is.
    """
    if _attribute(field, "type") == "checkbox":
        _set_flag(field, "checked", is_set=bool(text))
    elif field.tag == "input":
        field.attrs["value"] = text
    else:
        options = field.css("option")
        if text in [_attribute(option, "value") for option in options]:
            for option in options:
                _set_flag(option, "selected", is_set=_attribute(option, "value") == text)


def _unfold(field: LexborNode) -> None:
    """Open the parts of the page around a field that may be folded."""
    parent = field.parent
    while parent is not None:
        if parent.tag == "details":
            _set_flag(parent, "open", is_set=True)
        parent = parent.parent


def _set_flag(node: LexborNode, attribute: str, *, is_set: bool) -> None:
    """Set an attribute that has no value, such as `checked`, or take it away."""
    if is_set:
        node.attrs[attribute] = None
    elif attribute in node.attributes:
        del node.attrs[attribute]


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""
