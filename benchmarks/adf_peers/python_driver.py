"""Runs one PyPI converter: `python python_driver.py NAME`, then JSON lines in and out.

Nothing of this project is imported: it runs in the peer's own environment.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

Convert = Callable[[str], Any]


def main() -> None:
    """Answer each source with its document or the error, and the CPU seconds."""
    convert = _CONVERTERS[sys.argv[1]]()
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        source = json.loads(line)
        started = time.process_time()
        try:
            answer = {"document": convert(source)}
        except (Exception, RecursionError) as error:  # noqa: BLE001 - whatever a peer raises is its answer
            answer = {"error": repr(error)[:200]}
        seconds = time.process_time() - started
        answers.write(_encoded({**answer, "seconds": seconds}, seconds) + "\n")
        answers.flush()


def _encoded(answer: dict[str, Any], seconds: float) -> str:
    try:
        return json.dumps(answer)
    except (TypeError, ValueError, RecursionError) as error:
        return json.dumps({"error": f"no JSON: {error}"[:200], "seconds": seconds})


def _marklas() -> Convert:
    convert: Convert = import_module("marklas").to_adf
    return convert


def _md_adf() -> Convert:
    convert: Convert = import_module("md_adf").markdown_to_adf
    return lambda markdown: convert(markdown).value


def _adflux() -> Convert:
    convert = import_module("adflux").convert
    return lambda markdown: json.loads(convert(markdown, src="md", dst="adf"))


def _after_markdownify(make: Callable[[], Convert]) -> Callable[[], Convert]:
    def made() -> Convert:
        markdownify: Convert = import_module("markdownify").markdownify
        convert = make()
        return lambda html: convert(markdownify(html))

    return made


_CONVERTERS: dict[str, Callable[[], Convert]] = {
    "marklas": _marklas,
    "md-adf": _md_adf,
    "adflux": _adflux,
    "markdownify+marklas": _after_markdownify(_marklas),
    "markdownify+md-adf": _after_markdownify(_md_adf),
}

if __name__ == "__main__":
    main()
