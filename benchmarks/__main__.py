"""Runs the benchmarks that are named, or all of them; options of one follow its name."""

import sys
from itertools import takewhile

from benchmarks import (
    adf_commonmark,
    adf_hostile,
    adf_snippets,
    adf_speed,
    cell_reading,
    claims,
    command_speed,
    export_load,
    first_look,
    hostile_sheets,
    house,
    model_sentences,
    polluted_sheets,
    reading_scale,
    returning_later,
    review_scale,
    run_overhead,
    sharedo_packages,
    ticket_packets,
    ticket_prose,
    upload_load,
    web_list,
    web_load,
    workbook_reading,
    writer_concurrency,
)

BENCHMARKS = {
    "reading_scale": reading_scale.main,
    "workbook_reading": workbook_reading.main,
    "hostile_sheets": hostile_sheets.main,
    "cell_reading": cell_reading.main,
    "polluted_sheets": polluted_sheets.main,
    "run_overhead": run_overhead.main,
    "sharedo_packages": sharedo_packages.main,
    "command_speed": command_speed.main,
    "export_load": export_load.main,
    "returning_later": returning_later.main,
    "review_scale": review_scale.main,
    "first_look": first_look.main,
    "web_list": web_list.main,
    "web_load": web_load.main,
    "upload_load": upload_load.main,
    "writer_concurrency": writer_concurrency.main,
    "adf_commonmark": adf_commonmark.main,
    "adf_snippets": adf_snippets.main,
    "adf_speed": adf_speed.main,
    "adf_hostile": adf_hostile.main,
    "ticket_prose": ticket_prose.main,
    "ticket_packets": ticket_packets.main,
    "claims": claims.main,
    "house": house.main,
    "model_sentences": model_sentences.main,
}


def main() -> None:
    """Run and print."""
    if sys.argv[1:2] in (["-h"], ["--help"]):
        print(f"usage: python -m benchmarks [NAME …] [OPTION …]\n\n{__doc__}\n")
        print("\n".join(BENCHMARKS))
        return
    given = takewhile(lambda word: not word.startswith("-"), sys.argv[1:])
    names = list(given) or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"No benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}.")
    for name in names:
        print(f"\n== {name}")
        BENCHMARKS[name]()


if __name__ == "__main__":
    main()
