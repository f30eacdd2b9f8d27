"""Every page in a browser: accessible by axe-core, light and dark, silent, as narrow as a screen."""

from collections.abc import Mapping, Sequence
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from jira_pipeline.model.open_questions import ProposedAnswer
from jira_pipeline.model.people import Role
from jira_pipeline.review.comments import add_comment
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions.accounts import make_link
from jira_pipeline_tests.browser.fonts import FONTS
from jira_pipeline_tests.browser.served import Served
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import NAMES

HERE = f"/sessions/{SESSION}"
PAGES = [
    "/",
    "/upload",
    HERE,
    "/search?q=field",
    f"/search?q=museum&session_key={SESSION}",
    f"{HERE}/graph",
    f"{HERE}/findings",
    f"{HERE}/history",
    f"{HERE}/settings",
    f"{HERE}/site",
    f"{HERE}/layout?row=2",
    "/account",
    "/people",
    f"{HERE}/tickets",
    f"{HERE}/tickets/7?edit=1",
    f"{HERE}/tickets/16",
    f"{HERE}/review?group=Views&did=skipped-x",
    f"{HERE}/tickets/16/description",
    f"{HERE}/questions?only=all",
    f"{HERE}/questions/forms",
    f"{HERE}/export",
    f"{HERE}/export/adopt",
    f"{HERE}/results?undo=1",
    "/sandbox/browse/UHR-9",
    "/sandbox/projects/UHR",
    "/sessions/nowhere",
    "/sign-in?link=x",
]
GRAVE = {"serious", "critical"}
ORDER_OF_HEADINGS = "heading-order"
RULES = {
    "resultTypes": ["violations"],  # what passes, too, is more than the page
    "rules": {name: {"enabled": True} for name in ("label-content-name-mismatch", "target-size")},
}
"""Of WCAG 2.5.3 and 2.5.8, which axe-core leaves out unless it is asked."""
OF_COLOUR_AND_WIDTH = {
    "resultTypes": ["violations"],
    "runOnly": [
        "color-contrast",
        "link-in-text-block",
        "scrollable-region-focusable",
        "target-size",
    ],
}
"""The rules that judge what a scheme or a width changes; the long form runs all in both."""
SCHEMES: tuple[tuple[Literal["light", "dark"], int, Mapping[str, object]], ...] = (
    ("light", 1280, RULES),
    ("dark", 390, RULES if IS_LONG else OF_COLOUR_AND_WIDTH),
)
OF_FONTS = {"resultTypes": ["violations"], "runOnly": ["target-size"]}
"""What another font changes; the long form runs all in each."""
SCHEMES_OF_FONTS = tuple((scheme, width, OF_FONTS) for scheme, width, _ in SCHEMES)
WHOLE_PIXELS = 10_000
"""As tall as any page: what a bar that stays in view covers counts as too near to its buttons."""
NARROWEST_PIXELS = 360
WIDEST = """Math.max(
  document.documentElement.scrollWidth,
  ...[...document.querySelectorAll(".scroll")].map((box) => box.scrollWidth),
)"""
"""Of a page and its lists: what a finding asks to do was to be scrolled to, out of sight."""
MISPLACED = """() => {
  const shown = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const near = (one, other) => Math.abs(one - other) <= 2;
  const found = [];
  for (const table of document.querySelectorAll("table")) {
    const head = table.tHead?.rows[0], row = head && [...table.rows].find((one) => one !== head && one.cells.length === head.cells.length);
    if (!row || !shown(head) || !shown(row) || getComputedStyle(head).display !== "table-row") continue;
    const [above, below] = [head, row].map((one) => one.getBoundingClientRect());
    if (above.bottom > below.top + 2) found.push(["head over row", head.textContent.trim().slice(0, 60)]);
    for (const [at, cell] of [...head.cells].entries()) {
      const [one, other] = [cell, row.cells[at]].map((each) => each.getBoundingClientRect());
      if (shown(cell) && shown(row.cells[at]) && !near(one.left, other.left)) found.push(["head beside its column", cell.textContent.trim()]);
    }
  }
  const texts = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const floats = (one) => { for (; one; one = one.parentElement) { const style = getComputedStyle(one); if (style.position !== "static" && style.position !== "relative" || style.overflow !== "visible" && one.scrollWidth > one.clientWidth + 1) return true; } return false; };
  while (texts.length < 1500 && walker.nextNode()) {
    const of = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !shown(of) || floats(of)) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    for (const box of range.getClientRects()) if (box.width > 2 && box.height > 2) texts.push([box, walker.currentNode.data.trim().slice(0, 40)]);
  }
  texts.sort((one, other) => one[0].top - other[0].top);
  for (const [at, [one, words]] of texts.entries()) {
    for (const [other, others] of texts.slice(at + 1)) {
      if (other.top > one.bottom - 6) break;
      const [wide, high] = [Math.min(one.right, other.right) - Math.max(one.left, other.left), Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top)];
      if (wide > 3 && high > 6) found.push(["text over text", words, others]);
    }
  }
  return found.slice(0, 5);
}"""
"""Heads of tables that are not above their columns, and text over text: the list of the sandbox had
both, which no rule of axe-core finds."""


@pytest.mark.parametrize("font", FONTS)
def test_every_page_is_accessible_silent_and_as_narrow_as_a_screen(
    exported_web: Served, browsers_by_font: Mapping[str, Browser], font: str
) -> None:
    """On one page, one after the other: a browser's first look at them costs most."""
    if font not in browsers_by_font:
        pytest.skip(f"this machine has no font {font}")
    is_whole = IS_LONG or font == next(iter(browsers_by_font))
    schemes = SCHEMES if is_whole else SCHEMES_OF_FONTS
    session = open_session(exported_web.web.pipeline, SESSION)
    add_comment(session, session.ticket(16).ticket_id, "Is it so?", by=NAMES[Role.REVIEWER])
    page = exported_web.visit(browsers_by_font[font], Role.ADMIN)
    faults = list[object]()  # what its console says, too: refused styles, scripts that fail
    page.on(
        "console",
        lambda message: None if "404" in message.text else faults.append((page.url, message.text)),
    )
    page.on("pageerror", lambda error: faults.append((page.url, error)))

    for address in (*PAGES, client_page_of(exported_web)):
        page.goto(address)
        violations = grave_violations(page, schemes=schemes)
        faults += [(address, *one) for one in (*violations, *misplaced(page))]

    assert faults == []


def client_page_of(served: Served) -> str:
    """Make a link for a client, propose an answer by it, and return its address."""
    session = open_session(served.web.pipeline, SESSION)
    asked = session.asked.once[0].asked
    address, link = make_link(session, base="", days=7, by="test")
    proposed = ProposedAnswer(
        ticket_id=asked.ticket.ticket_id,
        question_id=asked.question_id,
        secret_sha256=link.secret_sha256,
        text="Only editors",
        at=session.clock.now(),
    )
    session.store.client_links.propose(link, [proposed], at=session.clock.now())
    return address


def grave_violations(
    page: Page, *, schemes: Sequence[tuple[Literal["light", "dark"], int, object]] = SCHEMES
) -> list[tuple[str, str, str, str]]:
    """What axe-core finds on the page that is open and holds somebody up, light or dark and narrow."""
    found = list[tuple[str, str, str, str]]()
    page.evaluate(AXE_SCRIPT)
    for scheme, width, rules in schemes:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": WHOLE_PIXELS})
        found += [
            (scheme, one["id"], node["html"][:200], node["failureSummary"])
            for one in page.evaluate("rules => axe.run(rules)", rules)["violations"]
            if one["impact"] in GRAVE or one["id"] == ORDER_OF_HEADINGS
            for node in one["nodes"]
        ]
    return found


def misplaced(page: Page) -> list[tuple[object, ...]]:
    """Where the page or a list on it is wider than a narrow screen, or text is where it cannot be."""
    wide = list[tuple[object, ...]]()
    for width in (NARROWEST_PIXELS, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        if width == NARROWEST_PIXELS and (shown := page.evaluate(WIDEST)) > width:
            wide.append(("wider than", width, shown))
        wide += [(width, *one) for one in page.evaluate(MISPLACED)]
    return wide
