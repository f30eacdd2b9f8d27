"""HTML in the shapes that programs paste: Word, Google Docs, Confluence, Jira, editors, sites."""

from jira_pipeline.adf import (
    MediaFile,
    adf_to_html,
    adf_to_markdown,
    adf_to_text,
    convert_html,
    html_to_blocks,
    validate_adf,
)
from jira_pipeline.adf import nodes as n
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.tables import each

_WORD_ITEM = (
    "<p class=MsoListParagraphCxSp{place} style='margin-left:{margin};text-indent:-18.0pt;"
    "mso-list:l{list} level{level} lfo{list}'><![if !supportLists]><span lang=EN-US "
    "style='font-family:Symbol;mso-fareast-font-family:Symbol'><span style='mso-list:Ignore'>"
    "{marker}<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp;&nbsp; </span></span>"
    "</span><![endif]><span lang=EN-US>{text}<o:p></o:p></span></p>\n"
)


def _word_item(text, *, marker="·", level=1, number=1, place="Middle", margin="36.0pt"):
    return _WORD_ITEM.format(
        text=text, marker=marker, level=level, list=number, place=place, margin=margin
    )


def _text(value, *marks):
    return n.text(value, marks)


def _color(value):
    return {"type": "textColor", "attrs": {"color": value}}


WORD = {
    "bullets with a level": (
        _word_item("First", place="First")
        + _word_item("Nested", marker="o", level=2)
        + _word_item("Second", place="Last"),
        [n.bullet_list([n.list_item([n.paragraph("First"), n.bullet_list([n.list_item("Nested")])]), n.list_item("Second")])],
    ),
    "numbers that go on": (
        _word_item("Third", marker="3.") + _word_item("Fourth", marker="4."),
        [n.ordered_list([n.list_item("Third"), n.list_item("Fourth")], start=3)],
    ),
    "letters below numbers": (
        _word_item("One", marker="1.") + _word_item("a", marker="b)", level=2) + _word_item("Two", marker="2."),
        [n.ordered_list([n.list_item([n.paragraph("One"), n.ordered_list([n.list_item("a")], start=2)]), n.list_item("Two")])],
    ),
    "two lists in a row": (
        _word_item("a") + _word_item("b", number=2),
        [n.bullet_list([n.list_item("a")]), n.bullet_list([n.list_item("b")])],
    ),
    "a list between paragraphs": (
        f"<div class=WordSection1><p class=MsoNormal>x<o:p></o:p></p>{_word_item('a')}<p class=MsoNormal><o:p>&nbsp;</o:p></p></div>",
        [n.paragraph("x"), n.bullet_list([n.list_item("a")])],
    ),
    "Outlook's list without Word's styles": (
        ('<p class="x_MsoListParagraph" style="margin-left:.5in"><span style="font-family:Symbol">·<span style="font-size:7pt">&nbsp; </span></span>A</p>'
        '<p class="x_MsoListParagraph" style="margin-left:1.0in"><span>o<span>&nbsp; </span></span>B</p>'),
        [n.bullet_list([n.list_item([n.paragraph("A"), n.bullet_list([n.list_item("B")])])])],
    ),
    "a list paragraph without a marker": ('<p class="MsoListParagraph">goes on</p>', [n.paragraph("goes on")]),
    "Word Online": (
        "".join(
            f'<div class="ListContainerWrapper SCXW1"><ul class="BulletListStyle1"><li data-aria-level="{level}"><p>{text}</p></li></ul></div>'
            for level, text in ((1, "a"), (2, "b"), (1, "c"))
        ),
        [n.bullet_list([n.list_item([n.paragraph("a"), n.bullet_list([n.list_item("b")])]), n.list_item("c")])],
    ),
    "a heading with its style": (
        "<h1 style='mso-list:l0 level1 lfo1'>1. Scope<o:p></o:p></h1>",
        [n.heading(1, "1. Scope")],
    ),
}  # fmt: skip

DOCS = {
    "the wrapper is not strong": (
        ('<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-5b"><p dir="ltr" style="line-height:1.38;">'
        '<span style="font-size:11pt;font-family:Arial,sans-serif;color:#000000;background-color:transparent;font-weight:700;'
        'font-style:normal;font-variant:normal;text-decoration:none;vertical-align:baseline;white-space:pre-wrap;">Bold  words</span>'
        '<span style="color:#ff0000;font-weight:400;font-style:italic;white-space:pre-wrap;"> red</span></p></b>'),
        [n.paragraph([_text("Bold  words", n.STRONG), _text(" red", n.EM, _color("#ff0000"))])],
    ),
    "a list in a list": (
        '<ul><li dir="ltr" aria-level="1"><p role="presentation">one</p></li><ul><li dir="ltr" aria-level="2"><p>two</p></li></ul><li aria-level="1">three</li></ul>',
        [n.bullet_list([n.list_item([n.paragraph("one"), n.bullet_list([n.list_item("two")])]), n.list_item("three")])],
    ),
    "levels in one flat list": (
        '<ol><li aria-level="1">a<li aria-level="2">b<li aria-level="3">c<li aria-level="1">d</ol>',
        [n.ordered_list([n.list_item([n.paragraph("a"), n.ordered_list([n.list_item([n.paragraph("b"), n.ordered_list([n.list_item("c")])])])]), n.list_item("d")])],
    ),
    "exported lists side by side": (
        '<ul class="c1 lst-kix_ab1-0 start"><li class="c2">a</li></ul><ul class="lst-kix_ab1-1 start"><li>b</li></ul><ul class="lst-kix_ab1-0"><li>c</li></ul>',
        [n.bullet_list([n.list_item([n.paragraph("a"), n.bullet_list([n.list_item("b")])]), n.list_item("c")])],
    ),
    "a link looks like a link": (
        '<a href="https://a.example/" style="text-decoration:none;"><span style="color:#1155cc;text-decoration:underline;">a</span></a>',
        [n.paragraph([_text("a", n.link("https://a.example/"))])],
    ),
    "raised, lowered, struck": (
        '<span style="vertical-align:super">1</span><span style="vertical-align:sub">2</span><span style="text-decoration:line-through underline">3</span>',
        [n.paragraph([_text("1", n.SUP), _text("2", n.SUB), _text("3", n.STRIKE, n.UNDERLINE)])],
    ),
}  # fmt: skip

STORAGE = {
    "code": (
        ('<ac:structured-macro ac:name="code" ac:schema-version="1"><ac:parameter ac:name="language">java</ac:parameter><ac:parameter ac:name="title">A.java</ac:parameter>'
        "<ac:plain-text-body><![CDATA[if (a < b && c > d) {\n  List<T> x;\n}]]></ac:plain-text-body></ac:structured-macro>"),
        [n.paragraph([_text("A.java", n.STRONG)]), n.code_block("if (a < b && c > d) {\n  List<T> x;\n}", language="java")],
    ),
    "no format": (
        '<ac:structured-macro ac:name="noformat"><ac:plain-text-body><![CDATA[ x]]]]><![CDATA[> ]]></ac:plain-text-body></ac:structured-macro>',
        [n.code_block(" x]]> ")],
    ),
    "panels": (
        "".join(
            f'<ac:structured-macro ac:name="{name}"><ac:rich-text-body><p>{name}</p></ac:rich-text-body></ac:structured-macro>'
            for name in ("info", "note", "warning", "tip", "panel")
        ),
        [n.panel("info", "info"), n.panel("note", "note"), n.panel("warning", "warning"), n.panel("success", "tip"), n.panel("info", "panel")],
    ),
    "a titled panel": (
        '<ac:structured-macro ac:name="info"><ac:parameter ac:name="title">T</ac:parameter><ac:rich-text-body><p>b</p></ac:rich-text-body></ac:structured-macro>',
        [n.panel("info", [n.paragraph([_text("T", n.STRONG)]), n.paragraph("b")])],
    ),
    "expand": (
        '<ac:structured-macro ac:name="expand"><ac:parameter ac:name="title">More</ac:parameter><ac:rich-text-body><p>in</p></ac:rich-text-body></ac:structured-macro>',
        [n.expand("More", "in")],
    ),
    "signs in a line": (
        ('<p>State <ac:structured-macro ac:name="status"><ac:parameter ac:name="colour">Green</ac:parameter><ac:parameter ac:name="title">DONE</ac:parameter></ac:structured-macro>'
        ' <ac:link><ri:user ri:account-id="5b10ac8d82e05b22cc7d4ef5" /></ac:link> <time datetime="2024-05-01" /> <ac:emoticon ac:name="tick" /> end</p>'),
        [n.paragraph([_text("State "), n.status("DONE", color="green"), _text(" "), {"type": "mention", "attrs": {"id": "5b10ac8d82e05b22cc7d4ef5"}},
                      _text(" "), n.date(1_714_521_600_000), _text(" "), n.emoji(":check_mark:", "✅"), _text(" end")])],
    ),
    "tasks": (
        ("<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body>do <b>it</b></ac:task-body></ac:task>"
        "<ac:task><ac:task-id>2</ac:task-id><ac:task-status>incomplete</ac:task-status><ac:task-body>later</ac:task-body></ac:task></ac:task-list>"),
        [n.task_list([n.task_item([_text("do "), _text("it", n.STRONG)], is_done=True), n.task_item("later")])],
    ),
    "an image by its address": (
        '<p><ac:image ac:alt="A"><ri:url ri:value="https://a.example/i.png" /></ac:image></p>',
        [n.paragraph([_text("A", n.link("https://a.example/i.png"))])],
    ),
    "a link to a page": (
        '<p><ac:link><ri:page ri:content-title="Other" /><ac:plain-text-link-body><![CDATA[the <page>]]></ac:plain-text-link-body></ac:link>, <ac:link><ri:page ri:content-title="Third" /></ac:link></p>',
        [n.paragraph("the <page>, Third")],
    ),
    "layouts and comments are transparent": (
        '<ac:layout><ac:layout-section ac:type="two_equal"><ac:layout-cell><p>a <ac:inline-comment-marker ac:ref="x">b</ac:inline-comment-marker></p></ac:layout-cell><ac:layout-cell><p>c</p></ac:layout-cell></ac:layout-section></ac:layout>',
        [n.paragraph("a b"), n.paragraph("c")],
    ),
    "a panel kept as ADF": (
        '<ac:adf-extension><ac:adf-node type="panel"><ac:adf-attribute key="panel-type">note</ac:adf-attribute><ac:adf-content><p>x</p></ac:adf-content></ac:adf-node><ac:adf-fallback><p>x</p></ac:adf-fallback></ac:adf-extension>',
        [n.panel("note", "x")],
    ),
}  # fmt: skip

SHOWN_PAGES = {
    "a macro of Confluence": (
        ('<div class="confluence-information-macro confluence-information-macro-warning"><p class="title">T</p><span class="aui-icon aui-icon-small confluence-information-macro-icon"></span>'
        '<div class="confluence-information-macro-body"><p>b</p></div></div>'),
        [n.panel("warning", [n.paragraph([_text("T", n.STRONG)]), n.paragraph("b")])],
    ),
    "code of Confluence": (
        ('<div class="code panel pdl"><div class="codeHeader panelHeader pdl"><b>N</b></div><div class="codeContent panelContent pdl">'
        '<pre class="syntaxhighlighter-pre" data-syntaxhighlighter-params="brush: java; gutter: false; theme: Confluence">int a;</pre></div></div>'),
        [n.paragraph([_text("N", n.STRONG)]), n.code_block("int a;", language="java")],
    ),
    "signs of Confluence": (
        ('<span class="status-macro aui-lozenge aui-lozenge-visual-refresh aui-lozenge-error">NO</span><img class="emoticon emoticon-warning" data-emoticon-name="warning" alt="(warning)" src="/x/warning.png">'
        '<a class="confluence-userlink user-mention" data-account-id="557058:ab" href="/wiki/people/557058:ab">Ann Lee</a>'),
        [n.paragraph([n.status("NO", color="red"), n.emoji(":warning:", "⚠️"), n.mention("557058:ab", "@Ann Lee")])],
    ),
    "a section to open of Confluence": (
        '<div class="expand-container"><div class="expand-control"><span class="expand-control-icon"></span><span class="expand-control-text">Open</span></div><div class="expand-content"><p>c</p></div></div>',
        [n.expand("Open", "c")],
    ),
    "tasks of Confluence": (
        '<ul class="inline-task-list" data-inline-tasks-content-id="1"><li class="checked" data-inline-task-id="1"><span>t</span></li><li data-inline-task-id="2">u</li></ul>',
        [n.task_list([n.task_item("t", is_done=True), n.task_item("u")])],
    ),
    "a panel and code of Jira's wiki": (
        ('<div class="panel" style="border-width: 1px;"><div class="panelHeader"><b>H</b></div><div class="panelContent"><p>p</p></div></div>'
        '<div class="code panel"><div class="codeContent panelContent"><pre class="code-java"><span class="code-keyword">int</span> a;</pre></div></div>'
        '<p><a href="https://a.example/secure/ViewProfile.jspa?accountId=557058%3Aab-cd-ef" class="user-hover" rel="x">Bo</a></p>'),
        [n.panel("info", [n.paragraph([_text("H", n.STRONG)]), n.paragraph("p")]), n.code_block("int a;", language="java"), n.paragraph([n.mention("557058:ab-cd-ef", "@Bo")])],
    ),
    "Jira's editor": (
        ('<div data-panel-type="info" data-prosemirror-node-name="panel"><p data-prosemirror-node-name="paragraph">i <span data-node-type="status" data-color="blue" data-local-id="x" data-style="bold">IN PROGRESS</span>'
        '<span data-mention-id="5b" data-access-level="" contenteditable="false">@Bo</span><span data-emoji-short-name=":smile:" data-emoji-id="1f604" data-emoji-text="😄">😄</span>'
        '<span data-node-type="date" data-timestamp="1714521600000">May 1, 2024</span></p></div>'),
        [n.panel("info", [n.paragraph([_text("i "), n.status("IN PROGRESS", color="blue"), n.mention("5b", "@Bo"),
                                       {"type": "emoji", "attrs": {"shortName": ":smile:", "text": "😄", "id": "1f604"}}, n.date(1_714_521_600_000)])])],
    ),
    "tasks and sections of Jira's editor": (
        ('<div data-node-type="actionList" data-task-list-local-id="l"><div data-task-local-id="a" data-task-state="DONE">x</div><div data-task-local-id="b" data-task-state="TODO">y</div></div>'
        '<div data-node-type="expand" data-title="E" data-expanded="true"><p>z</p></div>'),
        [n.task_list([n.task_item("x", is_done=True), n.task_item("y")]), n.expand("E", "z")],
    ),
    "a file of Jira's editor": (
        '<div data-node-type="mediaSingle" data-layout="center"><div data-node-type="media" data-type="file" data-id="9-9" data-collection="c" data-width="100" data-height="50"></div></div>',
        [{"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [
            {"type": "media", "attrs": {"type": "file", "id": "9-9", "collection": "c", "width": 100, "height": 50}}]}],
    ),
    "an alert of GitHub": (
        '<div class="markdown-alert markdown-alert-caution"><p class="markdown-alert-title"><svg viewBox="0 0 16 16"><path d="M1"/></svg>Caution</p><p>c</p></div>',
        [n.panel("error", [n.paragraph([_text("Caution", n.STRONG)]), n.paragraph("c")])],
    ),
    "an emoji and tasks of GitHub": (
        '<g-emoji class="g-emoji" alias="tada">🎉</g-emoji><ul class="contains-task-list"><li class="task-list-item"><input type="checkbox" class="task-list-item-checkbox" checked> x</li></ul>',
        [n.paragraph([n.emoji(":tada:", "🎉")]), n.task_list([n.task_item("x", is_done=True)])],
    ),
    "an admonition": (
        '<div class="admonition note"><p class="admonition-title">Note</p><p>x</p></div><div class="alert alert-danger" role="alert">y</div><div class="alert">z</div>',
        [n.panel("note", [n.paragraph([_text("Note", n.STRONG)]), n.paragraph("x")]), n.panel("error", "y"), n.paragraph("z")],
    ),
    "a code editor": (
        ("<div style=\"color: #d4d4d4;background-color: #1e1e1e;font-family: Menlo, Monaco, 'Courier New', monospace;white-space: pre;\">"
        '<div><span style="color: #569cd6;">const</span> a = 1;</div><div>  b();</div><br><div>c</div></div>'),
        [n.code_block("const a = 1;\n  b();\n\nc")],
    ),
}  # fmt: skip

LISTS = {
    "tasks of Google Docs": (
        ('<ul><li dir="ltr" role="checkbox" aria-checked="true" aria-level="1"><img src="data:image/png;base64,xx" aria-roledescription="checkbox" alt="checked"><p role="presentation">a</p></li>'
        '<li role="checkbox" aria-checked="false" aria-level="1"><p>b</p></li></ul>'),
        [n.task_list([n.task_item("a", is_done=True), n.task_item("b")])],
    ),
    "levels of Quill": (
        '<ul><li>a</li><li class="ql-indent-1">b</li><li class="ql-indent-2">c</li><li>d</li></ul>',
        [n.bullet_list([n.list_item([n.paragraph("a"), n.bullet_list([n.list_item([n.paragraph("b"), n.bullet_list([n.list_item("c")])])])]), n.list_item("d")])],
    ),
    "tasks of Notion": (
        '<ul class="to-do-list"><li><div class="checkbox checkbox-on"></div> <span class="to-do-children-checked">x</span></li><li><div class="checkbox checkbox-off"></div> <span>y</span></li></ul>',
        [n.task_list([n.task_item("x", is_done=True), n.task_item("y")])],
    ),
    "tasks of TipTap": (
        '<ul data-type="taskList"><li data-checked="true"><label><input type="checkbox" checked><span></span></label><div><p>x</p></div></li></ul>',
        [n.task_list([n.task_item("x", is_done=True)])],
    ),
    "a heading by its role": ('<p role="heading" aria-level="2">H</p>', [n.heading(2, "H")]),
    "a section and code as Jira shows them": (
        ('<div data-node-type="expand" data-title="T"><button><span>T</span></button><div>c</div></div>'
        '<div class="code-block"><span data-ds--code--code-block=""><code class="language-java"><span class="linenumber">1</span><span>int a;\n</span><span class="linenumber">2</span>b</code></span></div>'),
        [n.expand("T", "c"), n.code_block("int a;\nb", language="java")],
    ),
}  # fmt: skip

PASTED = {**{f"Word: {k}": v for k, v in WORD.items()}, **{f"Docs: {k}": v for k, v in DOCS.items()},
          **{f"storage: {k}": v for k, v in STORAGE.items()}, **SHOWN_PAGES, **LISTS}  # fmt: skip


@each(("html", "blocks"), PASTED.values(), ids=PASTED.keys())
def test_what_programs_paste_becomes_what_it_shows(html, blocks):
    conversion = convert_html(html)

    assert n.doc(blocks) == conversion.document
    assert validate_adf(conversion.document) == []


LANGUAGES = {
    "language-": '<pre><code class="language-php">x</code></pre>',
    "lang-": '<pre class="lang-php prettyprint">x</pre>',
    "hljs": '<pre><code class="hljs php">x</code></pre>',
    "hljs last": '<pre><code class="php hljs">x</code></pre>',
    "brush": '<pre class="brush: php; gutter: true">x</pre>',
    "highlight-source": '<div class="highlight highlight-source-php"><pre>x</pre></div>',
    "Sphinx": '<div class="highlight-php notranslate"><div class="highlight"><pre>x</pre></div></div>',
    "pandoc": '<div class="sourceCode"><pre class="sourceCode php"><code class="sourceCode php">x</code></pre></div>',
    "lang attribute": '<pre lang="php">x</pre>',
    "data-lang": '<figure class="highlight"><pre><code data-lang="php">x</code></pre></figure>',
    "data-language": '<pre data-language="php">x</pre>',
    "Jira": '<pre class="code-php">x</pre>',
}


@each("html", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_the_language_of_code_is_found_however_it_is_written(html):
    assert [n.code_block("x", language="php")] == html_to_blocks(html)


@each(
    "html",
    [
        '<pre lang="en-US">x</pre>',
        '<div lang="de"><pre>x</pre></div>',
        '<pre class="code-block">x</pre>',
        '<pre><code class="hljs language-none">x</code></pre>',
        '<pre class="wp-block-code"><code>x</code></pre>',
        '<div class="highlight"><pre>x</pre></div>',
    ],
)
def test_no_language_is_made_up(html):
    assert [n.code_block("x")] == html_to_blocks(html)


def test_line_numbers_beside_code_are_dropped_and_reported():
    conversion = convert_html(
        '<table class="highlighttable"><tr><td class="linenos"><pre>1\n2</pre></td>'
        '<td class="code"><div class="highlight"><pre>a\nb\n</pre></div></td></tr></table>'
    )

    assert [change.what for change in conversion.changes] == ["line numbers"]
    assert adf_to_text(conversion.document) == "a\nb"


COLORS = {
    "named": ("RebeccaPurple", "#663399"),
    "short": ("#f0a", "#ff00aa"),
    "long": ("#FF00aa", "#ff00aa"),
    "short with alpha": ("#f008", "#ff7777"),
    "long with alpha": ("#ff000080", "#ff7f7f"),
    "rgb": ("rgb(255, 0, 170)", "#ff00aa"),
    "rgb without commas": ("rgb(255 0 170 / 100%)", "#ff00aa"),
    "rgb in percent": ("rgb(100%, 0%, 50%)", "#ff0080"),
    "rgba": ("rgba(0,0,255,.5)", "#8080ff"),
    "hsl": ("hsl(120, 100%, 25%)", "#008000"),
    "hsla with units": ("hsla(0.5turn 100% 50% / 1)", "#00ffff"),
    "variable with a fallback": ("var(--ds-text-accent-red, #AE2A19)", "#ae2a19"),
    "important": ("red !important", "#ff0000"),
}


@each(("written", "color"), COLORS.values(), ids=COLORS.keys())
def test_a_colour_is_read_however_it_is_written(written, color):
    assert [n.paragraph([_text("a", _color(color))])] == html_to_blocks(
        f'<span style="color: {written}">a</span>'
    )


@each(
    "written",
    ["black", "#000", "inherit", "windowtext", "transparent", "rgba(0,0,0,0)", "var(--x)", "", "x"],
)
def test_text_in_the_usual_colour_has_none(written):
    conversion = convert_html(f'<span style="color:{written}">a</span>')

    assert n.doc([n.paragraph("a")]) == conversion.document
    assert conversion.changes == ()


def test_the_old_way_to_colour_text_is_known():
    assert [n.paragraph([_text("a", _color("#008000")), _text("b")])] == html_to_blocks(
        '<font color="green">a</font><font face="Arial" size="2">b</font>'
    )


@each(
    "html", ["<mark>a</mark>", '<span style="background:#ff0">a</span>', '<span style="mso-highlight:yellow">a</span>']
)  # fmt: skip
def test_background_is_kept_where_the_profile_takes_it_and_reported_where_not(html):
    for_jira = convert_html(html)
    full = convert_html(html, profile="full").document

    background = {"type": "backgroundColor", "attrs": {"color": "#ffff00"}}
    assert n.doc([n.paragraph("a")]) == for_jira.document
    assert [(c.code, c.what, c.excerpt) for c in for_jira.changes] == [
        ("color_dropped", "backgroundColor #ffff00", "a")
    ]
    assert n.doc([n.paragraph([_text("a", background)])]) == full
    assert validate_adf(full, "full") == []


def test_a_colour_that_cannot_be_read_is_reported():
    conversion = convert_html('<p>x <span style="color:color(display-p3 1 0 0)">a</span></p>')

    [change] = conversion.changes
    assert (change.code, change.what, change.excerpt) == (
        "color_dropped", "textColor color(display-p3 1 0 0)", "a",
    )  # fmt: skip


STYLES = {
    "bold": ("font-weight:bold", [n.STRONG]),
    "600": ("font-weight:600", [n.STRONG]),
    "500": ("font-weight:500", []),
    "italic": ("FONT-STYLE: Italic", [n.EM]),
    "line": ("text-decoration-line: underline", [n.UNDERLINE]),
    "lines": ("text-decoration: line-through solid red", [n.STRIKE]),
    "code": ("font-family:monospace", [n.CODE]),
    "a value with a semicolon": ("background:url('a;font-weight:bold')", []),
}


@each(("style", "marks"), STYLES.values(), ids=STYLES.keys())
def test_a_style_becomes_its_mark(style, marks):
    assert [n.paragraph([n.text("a", marks)])] == html_to_blocks(f'<span style="{style}">a</span>')


def test_a_style_takes_a_mark_away_inside_it():
    assert [
        n.paragraph([_text("a", n.STRONG), _text("b"), _text("c", n.STRONG)])
    ] == html_to_blocks('<b>a<span style="font-weight:400">b</span>c</b>')


def test_preformatted_text_keeps_spaces_and_lines():
    assert [n.paragraph("a  b\nc d")] == html_to_blocks(
        '<span style="white-space:pre-wrap">a  b\nc</span> \n d'
    )


TABLES = {
    "widths of columns": (
        '<table><colgroup><col width="100"><col style="width:1.5in"></colgroup><tr><th colspan=2>a<tr><td>b<td>c</table>',
        [[n.table_header("a", colspan=2, column_widths=[100, 144])],
         [n.table_cell("b", column_widths=[100]), n.table_cell("c", column_widths=[144])]],
    ),
    "widths of cells": (
        '<table><tr><td data-colwidth="50,60" colspan=2>a<td data-colwidth="70">b<tr><td>c<td>d<td>e</table>',
        [[n.table_cell("a", colspan=2, column_widths=[50, 60]), n.table_cell("b", column_widths=[70])],
         [n.table_cell("c"), n.table_cell("d"), n.table_cell("e")]],
    ),
    "widths in percent are no widths": (
        '<table><col width="50%"><col width="50%"><tr><td>a<td>b</table>',
        [[n.table_cell("a"), n.table_cell("b")]],
    ),
    "spans past the end": (
        "<table><tr><th colspan=1000>a<tr><td rowspan=70000>b<td>c<tr><td>d</table>",
        [[n.table_header("a", colspan=2)], [n.table_cell("b", rowspan=2), n.table_cell("c")], [n.table_cell("d")]],
    ),
    "a span into a cell from above": (
        "<table><tr><td>a<td rowspan=2>b<tr><td colspan=3>c</table>",
        [[n.table_cell("a"), n.table_cell("b", rowspan=2)], [n.table_cell("c")]],
    ),
    "a span alone in its table": ("<table><tr><td colspan=2>a</table>", [[n.table_cell("a", colspan=2)]]),
}  # fmt: skip


@each(("html", "rows"), TABLES.values(), ids=TABLES.keys())
def test_cells_fit_the_grid_of_their_table(html, rows):
    assert [n.table([n.table_row(cells) for cells in rows])] == html_to_blocks(html)


def test_the_background_of_a_cell_stays():
    [table] = html_to_blocks('<table><tr><td style="background-color:#DDD">a</table>')

    assert table["content"][0]["content"][0]["attrs"] == {"background": "#dddddd"}


def test_a_caption_is_above_its_table():
    assert [n.paragraph("c"), n.table([n.table_row([n.table_cell("a")])])] == html_to_blocks(
        "<table><caption>c</caption><tr><td>a</table>"
    )


def test_definitions_have_strong_terms():
    assert [
        n.paragraph([_text("T", n.STRONG)]),
        n.paragraph("a"),
        n.paragraph("b"),
    ] == html_to_blocks("<dl><dt>T<dd>a<dd>b</dl>")


MEDIA = {"shot 1.png": MediaFile(media_id="m1", collection="c", width=5, height=6)}


def _media(media_type, **attrs):
    return {"type": media_type, "id": "m1", "collection": "c", **attrs, "width": 5, "height": 6}


def _single(*caption, **attrs):
    media = {"type": "media", "attrs": _media("file", **attrs)}
    captions = [{"type": "caption", "content": list(caption)}] if caption else []
    return {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [media, *captions]}


IMAGES = {
    "by address": ('<img src="shot 1.png" alt="A">', [_single(alt="A")]),
    "by file name in an address": ('<p><img src="https://a.example/x/shot%201.png?v=2"></p>', [_single()]),
    "in a line": (
        '<p>x <img src="shot 1.png"> y</p>',
        [n.paragraph([_text("x "), {"type": "mediaInline", "attrs": _media("image")}, _text(" y")])],
    ),
    "with a caption": (
        '<figure><img src="shot 1.png"><figcaption>C <b>b</b></figcaption></figure>',
        [_single(_text("C "), _text("b", n.STRONG))],
    ),
    "with a list in the caption": (
        '<figure><img src="shot 1.png"><figcaption>C<ul><li>a</ul>b</figcaption></figure>',
        [_single(_text("C")), n.bullet_list([n.list_item("a")]), n.paragraph("b")],
    ),
    "in Confluence's storage": ('<ac:image ac:alt="A"><ri:attachment ri:filename="shot 1.png" /></ac:image><p>x</p>', [_single(alt="A"), n.paragraph("x")]),
    "unknown": ('<img src="https://a.example/o.png" alt="O">', [n.paragraph([_text("O", n.link("https://a.example/o.png"))])]),
    "unknown with a caption": (
        '<figure><img src="https://a.example/o.png" alt="O"><figcaption>C</figcaption></figure>',
        [n.paragraph([_text("O", n.link("https://a.example/o.png"))]), n.paragraph("C")],
    ),
}  # fmt: skip


@each(("html", "blocks"), IMAGES.values(), ids=IMAGES.keys())
def test_an_image_is_the_file_jira_holds_or_a_link(html, blocks):
    conversion = convert_html(html, media=MEDIA)

    assert n.doc(blocks) == conversion.document
    assert validate_adf(conversion.document) == []


def test_a_link_shown_by_its_address_becomes_a_card_only_when_asked_for():
    html = (
        '<a href="https://a.example/x">https://a.example/x</a> <a href="https://a.example/y">y</a>'
    )

    cards = convert_html(html, has_inline_cards=True).document

    assert [
        n.paragraph(
            [
                n.inline_card("https://a.example/x"),
                _text(" "),
                _text("y", n.link("https://a.example/y")),
            ]
        )
    ] == cards["content"]
    assert "inlineCard" not in str(html_to_blocks(html))


TIMES = {
    "a day": ('<time datetime="2024-05-01">1 May 2024</time>', [n.date(1_714_521_600_000)]),
    "a day in words": ('<time datetime="2024-05-01">last week</time>', [_text("last week")]),
    "an hour": ('<time datetime="2024-05-01T10:00">10:00</time>', [_text("10:00")]),
    "no day at all": ('<time datetime="2024-13-41">41</time>', [_text("41")]),
}


@each(("html", "content"), TIMES.values(), ids=TIMES.keys())
def test_a_day_becomes_a_date_unless_words_would_be_lost(html, content):
    assert [n.paragraph(content)] == html_to_blocks(html)


CHANGES = {
    "lifted": ("<ul><li>a<table><td>b</table></ul>", ("lifted", "table", "bulletList > listItem", "b")),
    "lifted rule": ("<ul><li>a<hr></ul>", ("lifted", "rule", "bulletList > listItem", "a")),
    "demoted": ("<blockquote><h2>b c</h2></blockquote>", ("demoted", "heading", "blockquote", "b c")),
    "unsafe link": ('<p>x <a href="javascript:x">b</a>', ("link_dropped", "a javascript:x", "doc", "b")),
    "frame": ('<p>x</p><iframe src="https://a.example/"></iframe>', ("dropped", "iframe https://a.example/", "doc", "")),
    "marks beside code": ("<p><code>a<b>b</b></code>", ("marks_dropped", "strong beside code", "doc", "b")),
    "macro": ('<p>x</p><ac:structured-macro ac:name="toc" />', ("dropped", "macro toc", "doc", "")),
}  # fmt: skip


@each(("html", "change"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_says_what_happened_where_and_to_which_text(html, change):
    [noted] = convert_html(html).changes

    assert change == (noted.code, noted.what, noted.where, noted.excerpt)


def test_of_very_many_changes_the_number_is_reported():
    changes = convert_html("<iframe></iframe>" * 10_500).changes

    assert (changes[-1].code, changes[-1].what) == ("more", "500 changes")


BESIDE_ITEMS = {
    "text": ("<ul><li>a</li>b<li>c</ul>", [n.list_item([n.paragraph("a"), n.paragraph("b")]), n.list_item("c")]),
    "a list": (
        "<ul><li>a</li><ul><li>b</li></ul><li>c</ul>",
        [n.list_item([n.paragraph("a"), n.bullet_list([n.list_item("b")])]), n.list_item("c")],
    ),
}  # fmt: skip


@each(("html", "items"), BESIDE_ITEMS.values(), ids=BESIDE_ITEMS.keys())
def test_what_is_beside_items_belongs_to_the_one_before_it(html, items):
    """The next item ended up in the paragraph before it: Google Docs nests lists like this."""
    assert [n.bullet_list(items)] == html_to_blocks(html)


def test_a_rule_beside_items_of_nested_lists_leaves_a_valid_document():
    """Hypothesis found a list directly in a list after it."""
    document = convert_html("<ul><ul><hr>a").document

    assert validate_adf(document) == []
    assert adf_to_text(document) == "a"


SHOWN = {
    "mention": ([n.mention("5b", "@Bo")], '<p><span class="adf-mention" data-mention-id="5b">@Bo</span></p>'),
    "emoji": ([n.emoji(":x:", "❌")], '<p><span class="adf-emoji" data-emoji-short-name=":x:">❌</span></p>'),
    "date": ([n.date(1_714_521_600_000)], '<p><time datetime="2024-05-01">2024-05-01</time></p>'),
    "lozenge": ([n.status("A", color="red")], '<p><span class="adf-status adf-status-red">A</span></p>'),
    "colour": ([_text("a", _color("#ff0000"))], '<p><span style="color: #ff0000">a</span></p>'),
    "file in a line": (
        [_text("a "), {"type": "mediaInline", "attrs": {"type": "image", "id": "1", "collection": "c", "alt": "b"}}],
        '<p>a <span class="adf-media" data-node-type="mediaInline" data-id="1" data-collection="c" data-alt="b">b</span></p>',
    ),
}  # fmt: skip


@each(("content", "html"), SHOWN.values(), ids=SHOWN.keys())
def test_a_preview_shows_signs_so_that_they_read_back(content, html):
    document = n.doc([n.paragraph(content)])

    assert adf_to_html(document) == html
    assert convert_html(html).document == document


def test_a_preview_shows_files_and_cells_so_that_they_read_back():
    cell = n.table_cell("a", column_widths=[50])
    cell["attrs"]["background"] = "#ddeeff"
    document = n.doc([_single(_text("C"), alt="A"), n.table([n.table_row([cell])])])

    html = adf_to_html(document)

    assert convert_html(html).document == document
    assert adf_to_text(document) == "A\nC\na"
    assert adf_to_markdown(document) == "A\n\nC\n\n| a |\n| --- |\n".replace(
        "| a |\n| --- |", "|  |\n| --- |\n| a |"
    )


ORDINARY = {
    "a box about a person": ('<div data-account-id="1"><p>a</p><p>b</p></div>', "a\nb"),
    "a time in words": ('<span data-timestamp="1714521600">3 hours ago</span>', "3 hours ago"),
    "a column called gutter": ('<table><td class="gutter">a<td>b</table>', "a\tb"),
    "words called line numbers": ('<pre><span class="lineno">see</span> 1</pre>', "see 1"),
    "a panel without parts": ('<div class="panel"><p>a</p></div>', "a"),
    "a picture of a person": ('<img class="emoji" alt="Ann">', "Ann"),
}


@each(("html", "text"), ORDINARY.values(), ids=ORDINARY.keys())
def test_what_only_looks_like_a_sign_of_a_program_keeps_its_text(html, text):
    assert adf_to_text(convert_html(html).document) == text


SIZE = 4 if IS_LONG else 1
HOSTILE = {
    "boxes in boxes": '<span class="aui-icon">' * 1_000 * SIZE + "x",
    "fallbacks": "<ac:adf-extension>" + "<ac:adf-fallback></ac:adf-fallback>" * 1_000 * SIZE + "x",
    "comments before items": "<ul>" + "<!-- -->" * 1_250 * SIZE + "<li aria-level=1>y" * 1_250 * SIZE + "x",
    "sections": "<details><summary>y" * 750 * SIZE + "x",
    "items": "<p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>1.</span>y</p>" * 5_000 * SIZE + "x",
    "lists side by side": '<ul class="lst-kix_a-1"><ul class="lst-kix_b-2">' * 375 * SIZE + "x",
    "spans": "<table>" + "<tr><td rowspan=65534>y<td colspan=1000>y" * 5_000 * SIZE + "<td>x</table>",
    "one style": '<p style="' + "color:red;" * 22_500 * SIZE + '">x',
    "brackets in a style": '<p style="a:' + "(" * 25_000 * SIZE + '">x',
    "data without an end": "<ac:x>x" + "<![CDATA[" * 25_000 * SIZE,
}  # fmt: skip


@each("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_made_to_be_slow_is_converted(html):
    document = convert_html(html).document

    assert adf_to_text(document).count("x") == 1
    assert validate_adf(document) == []
