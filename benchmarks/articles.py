"""What a reviewer scrolls through: the height of every ticket's article, and of what is in it.

The real specification or the example, written by the template and served; each
ticket's page is opened in Chromium. Heights are of what the page shows first: what is folded counts
as one line, and the room below a short one does not. The largest kinds of blocks say where the length is.
Then all are approved by keys: how many keys, pages that the browser loads, and milliseconds until the next ticket is
there. `--of=FOLDER` names other sheets, `--wide` measures no phone, `--keys` no height.
"""

import re
import sys
import time
from collections import Counter
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from benchmarks.pictures import opened_home
from benchmarks.specifications import specification_path

KEY = "read"
COUNTED = re.compile(r" ?\(\d+\)|^\d+ ")
"""How many there are, in a heading."""
WIDTHS = {1440: 900, 390: 844}
LARGEST_SHOWN = 8
MEASURE = """() => {
  const article = document.querySelector("article.main");
  const parts = {};
  let heading = "head";
  for (const one of article.querySelectorAll(":scope > *, .body > *")) {
    if (one.matches(".body")) continue;
    if (one.matches("h2, h3")) heading = one.textContent.trim();
    const name = one.matches("section, details") ? one.querySelector("h2, summary")?.textContent.trim() ?? "" : heading;
    parts[name] = (parts[name] ?? 0) + one.getBoundingClientRect().height;
  }
  const table = article.querySelector(".body .table");
  const [from, to] = [article.getBoundingClientRect().top, Math.max(...[...article.children].map((one) => one.getBoundingClientRect().bottom))];
  return [to - from, table?.getBoundingClientRect().top ?? 0, parts];
}"""

READY = "() => !document.querySelector('main').hasAttribute('data-fresh')"
"""A decision is taken about what was there for a moment, never by the second press of a key."""


def main() -> None:
    """Measure and print."""
    given = [word.removeprefix("--of=") for word in sys.argv if word.startswith("--of=")]
    folder = Path(given[0]) if given else specification_path()
    upload = ["upload", str(folder), "--session", KEY]
    with opened_home(upload, ["generate", KEY]) as (page, address):
        page.goto(f"{address}/sessions/{KEY}/tickets")
        count = int(page.locator(".seg span").first.inner_text().replace(",", ""))
        for width, height in () if "--keys" in sys.argv else WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            whole, parts, late = 0.0, Counter[str](), list[int]()
            for number in range(1, count + 1):
                page.goto(f"{address}/sessions/{KEY}/tickets/{number}")
                article, table, blocks = page.evaluate(MEASURE)
                whole += article
                for name, part in blocks.items():
                    parts[COUNTED.sub("", name)] += part
                late += [number] if table > 2 * height else []
            print(
                f"  {folder.name}, {width} px wide: {count} articles, {whole:,.0f} px, "
                f"{whole / height:,.0f} screens; first table below the second screen in {late}"
            )
            for name, part in parts.most_common(LARGEST_SHOWN):
                print(f"    {part:9,.0f} px  {name[:60]}")
            if "--wide" in sys.argv:
                break
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(f"{address}/sessions/{KEY}/tickets/1")
        print(_review(page, count))


def _review(page: Page, count: int) -> str:
    """Approve every ticket by keys, each once its page is there; say what that took."""
    loads, keys, milliseconds = list[str](), 0, list[float]()
    page.on("request", lambda one: loads.append(one.url) if one.is_navigation_request() else None)
    for _ in range(count):
        page.wait_for_load_state()
        page.wait_for_function(READY)
        heading = page.locator("h1").inner_text()
        page.keyboard.press("a")
        keys += 1
        if page.locator("#asking[open]").count():
            page.locator("[data-asks-once]").check()
            page.keyboard.press("Tab")  # away from the box
            page.locator("#asking button[value=ready]").focus()
            page.keyboard.press("Enter")
            keys += 3
        began = time.perf_counter()
        page.wait_for_function(
            "was => document.querySelector('h1')?.innerText !== was", arg=heading
        )
        milliseconds.append(1000 * (time.perf_counter() - began))
    return (
        f"  approved {count} by {keys} keys, {len(loads)} loads; until the next is there: median "
        f"{median(milliseconds):.0f} ms, longest {max(milliseconds):.0f} ms"
    )


if __name__ == "__main__":
    main()
