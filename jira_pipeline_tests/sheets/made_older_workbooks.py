"""Workbooks of the older format `.xls`, as bytes: records in a container.

Belongs here: making them, sound or not. Does not: what is read of them (`test_workbooks`), those that
stand for more than there is memory (`oversized_workbooks`).
"""

import struct
from collections.abc import Sequence

BOF = 0x0809
EOF = 0x000A
LABEL = 0x0204
SHARED_TEXT = 0x00FD
FORMULA = 0x0006


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def begin(part: int) -> bytes:
    return record(BOF, struct.pack("<HHHHII", 0x0600, part, 0, 0, 0, 0))


def label(row: int, column: int, text: str) -> bytes:
    encoded = text.encode("latin-1")
    return record(LABEL, struct.pack("<HHHHB", row, column, 0, len(encoded), 0) + encoded)


def shared_text(row: int, column: int, number: int) -> bytes:
    return record(SHARED_TEXT, struct.pack("<HHHI", row, column, 0, number))


def texts(*values: str) -> bytes:
    """Return the texts that cells share, in parts where they are long."""
    data = struct.pack("<II", len(values), len(values))
    for value in values:
        data += struct.pack("<HB", len(value), 0) + value.encode("latin-1")
    first, rest = data[:8_000], data[8_000:]
    parts = [record(0x00FC, first)]
    while rest:  # each further part says anew how wide its characters are
        parts.append(record(0x003C, b"\0" + rest[:8_000]))
        rest = rest[8_000:]
    return b"".join(parts)


def workbook_stream(
    *sheets: bytes, shared: bytes = b"", names: Sequence[str] = (), is_one_part: bool = False
) -> bytes:
    """Return a workbook of these worksheets; with `is_one_part` all names are of the first one."""
    names = names or [f"Roles {number}" for number in range(1, len(sheets) + 1)]
    begun = begin(0x0005) + shared
    head = len(begun) + sum(4 + 8 + len(name) for name in names) + len(record(EOF))
    bodies = [begin(0x0010) + sheet + record(EOF) for sheet in sheets]
    places = [head + sum(map(len, bodies[:number])) for number in range(len(bodies))]
    if is_one_part:
        places = [head] * len(names)
    bound = [
        record(0x0085, struct.pack("<IBBBB", place, 0, 0, len(name), 0) + name.encode("ascii"))
        for place, name in zip(places, names, strict=True)
    ]
    return begun + b"".join(bound) + record(EOF) + b"".join(bodies)


def older_workbook(stream: bytes, *, is_endless: bool = False) -> bytes:
    """Return a container of a workbook; with `is_endless` its sectors follow each other for ever."""
    size = 512
    padded = stream.ljust(4_096, b"\0")
    count = -(-len(padded) // size)
    table_count = -(-(count + 2) // 127)
    first = table_count + 1
    table = [0xFFFFFFFD] * table_count + [0xFFFFFFFE]
    table += [*range(first + 1, first + count), first if is_endless else 0xFFFFFFFE]
    table += [0xFFFFFFFF] * (table_count * 128 - len(table))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack(
        "<9I", 0, table_count, table_count, 0, 4_096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0
    )
    named = [*range(table_count)] + [0xFFFFFFFF] * (109 - table_count)
    header += struct.pack("<109I", *named)
    entries = _entry("Root Entry", 5, 0xFFFFFFFE, 0) + _entry("Workbook", 2, first, len(padded))
    return (
        header
        + struct.pack(f"<{len(table)}I", *table)
        + entries.ljust(size, b"\0")
        + padded.ljust(count * size, b"\0")
    )


def _entry(name: str, kind: int, first: int, length: int) -> bytes:
    encoded = name.encode("utf-16-le")
    return struct.pack("<64sHBB12x36xIQ", encoded, len(encoded) + 2, kind, 1, first, length)
