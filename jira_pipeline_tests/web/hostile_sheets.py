"""Sheets whose free cells hold markup: what a page must show as the text it is."""

from itertools import cycle
from pathlib import Path

from jira_pipeline_tests.projects import rows_in, write_rows

CELLS = 455
FREE_COLUMNS = {
    *("Description", "Settings/notes", "Notes", "Help text", "Field label", "Name", "Label"),
    *("View name", "Title", "Style name", "Responsive style", "Field group"),
    *("Form widget", "URL alias pattern", "Format", "Base table", "Breakpoints Used"),
}
"""Columns whose text decides nothing, so that the tickets are written all the same."""
NAMES = {"Name", "Label", "View name", "Title", "Style name", "Responsive style"}
"""Others refer to these: only text is added behind."""
PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</pre></code><img src=x onerror=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "` onclick=`alert(1)",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' jav&#x09;ascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "![x](x onerror=alert(1))",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{background:url(//evil.example)}</style>",
    "<form action=//evil.example><button>x</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "{{ 7 * 7 }}{% raw %}",
    "--><img src=x onerror=alert(1)><!--",
    "\u202e<b onpointerenter=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
)


def spoil(sheets: Path) -> int:
    """Put a hostile text into the first free cells; return into how many."""
    payloads, count = cycle(PAYLOADS), 0
    for path in sorted(sheets.glob("*.csv")):
        rows = rows_in(path)
        for row in (one for one in rows if one.get("Bundle") != ""):
            for column in row:
                is_name = column in NAMES and path.stem.endswith(("Bundles", "Workflows"))
                if column in FREE_COLUMNS and not is_name and count < CELLS:
                    row[column] = f"{row[column]} {next(payloads)}".strip()
                    count += 1
        write_rows(path, rows)
    return count
