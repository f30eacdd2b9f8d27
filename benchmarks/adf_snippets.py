"""Pieces of HTML as tickets hold them, beside CommonMark: `python -m benchmarks.adf_snippets`.

Belongs here: the snippets, all invented, and the command. They are judged by the same measure as
the CommonMark examples (`adf_measure`); what no ADF can hold is counted apart there.
"""

from collections.abc import Sequence
from typing import Final

from benchmarks.adf_commonmark import print_html_side
from benchmarks.adf_corpora import Example

SNIPPETS: Final = (
    "<p>Plain</p><p>Two</p>",
    "Bare text <b>bold</b> tail",
    "<p><strong><em>both</em></strong> <u>under</u> <s>gone</s></p>",
    "<p><del>old</del> <ins>new</ins></p>",
    "<p>H<sub>2</sub>O and x<sup>2</sup></p>",
    "<p><kbd>Ctrl</kbd>+<kbd>C</kbd>, <samp>out</samp>, <tt>mono</tt></p>",
    "<p><b>bold <code>code</code> bold</b></p>",
    '<p><a href="https://a.example/"><b>bold</b> link</a></p>',
    '<p><a href="https://a.example/"><code>code</code></a></p>',
    '<p><a name="anchor">no link</a></p>',
    "<p>one<br>two<br/>three</p>",
    "<p>one<br><br>three</p>",
    "<hr>",
    "<p>a</p><hr><hr><p>b</p>",
    "<h1>1</h1><h2>2</h2><h3>3</h3><h4>4</h4><h5>5</h5><h6>6</h6>",
    "<h2>With <em>marks</em> and <code>code</code></h2>",
    "<ul><li>a</li><li>b</li></ul>",
    "<ul><li>a<li>b</ul>",
    "<ul><li><p>a</p><p>b</p></li></ul>",
    "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li></ul>",
    "<ul><li>a</li><ul><li>b</li></ul></ul>",
    "<ol start=5><li>five</li><li>six</li></ol>",
    "<ol><li>a<ul><li>b</li></ul>c</li></ol>",
    "<ul><li><ol><li>deep first</li></ol></li></ul>",
    '<ul><li><pre><code class="language-sh">ls</code></pre></li></ul>',
    "<ul><li></li><li>b</li></ul>",
    "<li>an item without a list</li>",
    '<ul><li><input type="checkbox"> open</li><li><input type="checkbox" checked> done</li></ul>',
    "<table><tr><th>h</th></tr><tr><td>d</td></tr></table>",
    "<table><thead><tr><th>a<th>b</thead><tbody><tr><td>1<td>2</tbody></table>",
    "<table><tr><th>row head</th><td>d</td></tr></table>",
    "<table><tr><td colspan=2>wide</td></tr><tr><td>a</td><td>b</td></tr></table>",
    "<table><tr><td rowspan=2>tall</td><td>a</td></tr><tr><td>b</td></tr></table>",
    "<table><tr><td><ul><li>in a cell</li></ul></td></tr></table>",
    "<table><tr><td><p>a</p><p>b</p></td><td></td></tr></table>",
    "<table><tr><td><pre><code>x</code></pre></td></tr></table>",
    "<table><tr><td><blockquote>q</blockquote></td></tr></table>",
    "<table><tr><td><h3>head</h3></td></tr></table>",
    "<table><tr><td>a<br>b</td></tr></table>",
    "<table><caption>title</caption><tr><td>a</td></tr></table>",
    "<table><tr><td>a<table><tr><td>b</td></tr></table></td></tr></table>",
    "<table>stray<tr><td>a</td></tr></table>",
    "<pre>plain\n  pre</pre>",
    '<pre><code class="language-php">$a = 1;\n\n$b = 2;\n</code></pre>',
    '<pre><code class="language-c++">a &lt; b &amp;&amp; c</code></pre>',
    '<pre><code class="language-js"><span class="k">let</span> a</code></pre>',
    "<pre><b>bold</b> in pre</pre>",
    "<blockquote><p>a</p><p>b</p></blockquote>",
    "<blockquote>bare <i>text</i></blockquote>",
    "<blockquote><ul><li>a</li><li>b</li></ul></blockquote>",
    "<blockquote><pre><code>x</code></pre></blockquote>",
    "<div><div>nested</div> tail</div>",
    "<div>a</div>b<div>c</div>",
    "<section><article><h2>a</h2><p>b</p></article></section>",
    "<p>a<ul><li>b</ul>c",
    "<p><b>a<p>b</b>c",
    "<b><ul><li>bold item</li></ul></b>",
    "<i><h2>head in marks</h2></i>",
    '<a href="https://a.example/"><p>block in a link</p></a>',
    "<p>a <span>span</span> <font color=red>font</font> <small>small</small></p>",
    "<p>&lt;b&gt; &amp; &nbsp; &copy; &#8212; &hellip;</p>",
    "<p>a &notanentity; b</p>",
    "<p>\n  white \t space\n</p>\n\n<p> around </p>",
    "<p>a<!-- comment -->b</p>",
    "<script>leak()</script><style>p{leak}</style><p>seen</p>",
    '<p onclick="x()">a</p>',
    "<p></p><p>&nbsp;</p><p>a</p>",
    "<details><summary>title</summary><p>body</p></details>",
    "<figure><p>a</p><figcaption>caption</figcaption></figure>",
    "<center>a</center><address>b</address>",
    "<p>\U0001f600 e\u0301 \u05e9\u05dc\u05d5\u05dd</p>",
    "<textarea>a <b></textarea>",
    "<b>never closed <i>nor this",
    "</p></div>stray ends",
    "<ul><li>a</ul></ul><p>b",
    "<x-custom>unknown <b>element</b></x-custom>",
)


def main(arguments: Sequence[str] = ()) -> None:
    """Print one table."""
    examples = [
        Example(number=number, markdown="", html=html)
        for number, html in enumerate(SNIPPETS, start=1)
    ]
    print_html_side(examples, f"{len(examples)} snippets of HTML", arguments)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
