"""Nothing that people type is gone from its document without being named."""

from jira_pipeline.jira.adf import (
    adf_to_markdown,
    html_to_adf,
    left_out_of_html,
    left_out_of_markdown,
    markdown_to_adf,
)
from jira_pipeline.jira.adf.from_html import ELEMENTS, HIDDEN
from jira_pipeline_tests.tables import each

WORD = "Zanzibar"
VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)
ATTRIBUTES = (
    *("title", "alt", "href", "src", "value", "placeholder", "label", "content", "cite", "srcset"),
    *("aria-label", "onclick", "data", "poster", "summary", WORD.lower()),
)


def is_kept(html: str) -> bool:
    """Tell whether a document holds the word wherever people see it, addresses of links too."""
    return WORD.casefold() in adf_to_markdown(html_to_adf(html)).casefold()


def is_named(html: str) -> bool:
    return any(WORD.casefold() in lost.quote.casefold() for lost in left_out_of_html(html))


def forms_of(element: str) -> list[str]:
    inside = [] if element in VOID else [f"<p>a</p><{element}>{WORD}</{element}>"]
    beside = [f'<p>a</p><{element} {name}="{WORD}">b' for name in ATTRIBUTES]
    return [*inside, *beside, f'<p>a</p><{element} href="https://{WORD}.example/">b']


@each("element", sorted({*ELEMENTS, *HIDDEN - {"-comment"}, "front", "xmp"}))
def test_a_word_in_any_element_or_attribute_is_kept_or_named(element: str) -> None:
    lost = [html for html in forms_of(element) if not is_kept(html) and not is_named(html)]

    assert lost == []


TYPED = (
    (f"Editors <!-- {WORD} --> only", "line 1"),
    (f"Editors\n\n<!--\n{WORD} -->\n\nonly", "line 3"),
    (f"a\n\n<script>{WORD}</script>\n\nb", "line 3"),
    (f"a <style>{WORD}</style>", ""),
    (f"a <?{WORD}?>", ""),
    (f"<div>\n<{WORD}>\n</div>", ""),
    (f"a\n\n<p\n{WORD}", ""),
    (f"a\n\n</p {WORD}>\n\nb", ""),
    (f"a\n[b](/{WORD})", "line 2"),
    (f'a <b title="{WORD}">b</b>', "line 1"),
    (f"```php {WORD}\nx\n```", "line 1"),
    (f"```{WORD}\n```", "line 1"),
    (
        f'[a]\n\n[a]: https://x.example "b"\n[a]: https://x.example "{WORD}"',
        None,
    ),
)


@each("markdown, place", TYPED)
def test_what_markdown_loses_is_named_with_its_place(markdown: str, place: str | None) -> None:
    """Comments, scripts and styles were gone once a text was saved, and nobody said so."""
    lost = [
        one for one in left_out_of_markdown(markdown) if WORD.casefold() in one.quote.casefold()
    ]
    is_in_document = WORD in adf_to_markdown(markdown_to_adf(markdown))

    assert is_in_document is (place is None)
    if place is not None:
        assert place in lost[0].place_in(markdown)


@each(
    "html",
    [
        f"<!DOCTYPE html><html><head><title>{WORD}</title></head><body>a</body></html>",
        f"<!-- {WORD} --><p>a</p>",
        f"<html><body>a</body></html><!-- {WORD} -->",
        f"<p>a</p></{WORD}>",
        f'<p>a</p><p title="<hr>{WORD}',
        f"<pre><a href='https://{WORD}.example'>a</a></pre>",
        f'<a href="https://x.example"><img alt="b" src="https://x.example/{WORD}"></a>',
    ],
)
def test_what_a_file_of_html_loses_is_named(html: str) -> None:
    assert is_named(html)
    assert not is_kept(html)


@each(
    "markdown",
    [
        "",
        "Plain *text* with <front> and `<!-- code -->` & <b class='x' style='color:red'>bold</b>",
        "```php\n<!-- code -->\n```\n\n- [ ] task\n- [x] done\n\n> [!NOTE]\n> a",
        '![a](https://x.example/y.png "t") [b](https://x.example "t") <https://x.example>',
        "<details><summary>a</summary>\n\nb\n\n</details>\n\n| a | b |\n|---|---|\n| c | d |",
    ],
)
def test_what_a_document_holds_is_not_named(markdown: str) -> None:
    assert left_out_of_markdown(markdown) == []
