"""What an `.xls` expands to, counted before the library reads it.

Belongs here: the container, the records that make cells, the limits of both. Does not: values, which
the library reads, limits of other workbooks (`workbook_marks`), findings (`workbooks`).

The library gets a container of one stream, the workbook, which was counted: macros, which it would
unpack, and chains of sectors without an end do not reach it. Sizes that a worksheet only claims are
taken out, for the library would reserve memory for them.

Source: [MS-CFB] 2.1 to 2.6 and [MS-XLS] 2.1 and 2.4, Microsoft Open Specifications, read 2026-11.
"""

import struct
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from jira_pipeline.sheets.reading.workbook_marks import (
    SHEETS_MAX_COUNT,
    TEXT_MAX_CHARACTERS,
    WorkbookLockedError,
    WorkbookRefusedError,
    limit_cells,
    limit_span,
    limit_text,
)

_DAMAGED = "its parts contradict each other"

_SIGNATURE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_SECTOR_SHIFTS: Final = {9: 512, 12: 4096}
_SMALL_SECTOR_BYTES: Final = 64
_SMALL_STREAM_BYTES: Final = 4096
"""A stream below that is in small sectors."""
_ENTRY_BYTES: Final = 128
_LARGEST_SECTOR: Final = 0xFFFFFFFA
"""Numbers from here on are no sectors: the end of a chain, a free sector."""
_END_OF_CHAIN: Final = 0xFFFFFFFE
_FREE: Final = 0xFFFFFFFF
_FAT_SECTOR: Final = 0xFFFFFFFD
_NAMED_IN_HEADER: Final = 109
"""Sectors of the allocation table that the header names; further ones are in a chain."""
_NAMES: Final = ("Workbook", "Book")
"""Of the stream, in the order in which the library looks for it."""

_EOF = 0x000A
_PASSWORD = 0x002F
_CONTINUE = 0x003C
_BOUND_SHEET = 0x0085
_SHARED_TEXTS = 0x00FC
_DIMENSIONS = 0x0200
_FORMULA = 0x0006
_SEVERAL_NUMBERS = 0x00BD
_SHARED_TEXT_CELL = 0x00FD
_MERGED = 0x00E5
_CELLS: Final = frozenset({_FORMULA, 0x0203, 0x0204, 0x0205, 0x027E, _SHARED_TEXT_CELL})
"""Records of one cell: they begin with its row and column."""
_UNUSED = 0x7FFF
"""A number that no record has: the library passes over it."""


class _Record(NamedTuple):
    """A record of the stream."""

    kind: int
    begin: int
    """Where in the stream its kind stands."""
    data: bytes
    continuations: list[bytes]


@dataclass(slots=True, kw_only=True)
class _CountedSheet:
    """What one worksheet holds."""

    rows: int = 0
    columns: int = 0
    characters: int = 0
    records: int = 0
    is_claiming: bool = False
    """It claimed a size, which was taken out."""


def counted_container(content: bytes) -> bytes:
    """Return an `.xls` that holds nothing but its workbook, which is within limits.

    Raises:
        WorkbookLockedError: It has a password.
        WorkbookRefusedError: It is damaged, or expands to more than is read.
    """
    try:
        stream = bytearray(_workbook_stream(content))
        # What is taken out of one worksheet may be part of another: all is counted once more.
        if _count(stream) and _count(stream):
            raise WorkbookRefusedError(_DAMAGED)
    except (struct.error, IndexError) as error:
        raise WorkbookRefusedError(_DAMAGED) from error
    return _container_of(bytes(stream))


def _count(stream: bytearray) -> bool:
    """Make sure that a workbook expands within limits; tell whether claimed sizes were taken out."""
    positions: list[int] = []
    lengths = array("L")
    for record in _records(stream, 0):
        if record.kind == _PASSWORD and struct.unpack_from("<H", record.data)[0]:
            raise WorkbookLockedError
        if record.kind == _BOUND_SHEET:
            positions.append(struct.unpack_from("<I", record.data)[0])
        elif record.kind == _SHARED_TEXTS:
            lengths = _shared_lengths([record.data, *record.continuations])
    if len(positions) > SHEETS_MAX_COUNT:
        raise WorkbookRefusedError(f"it has more than {SHEETS_MAX_COUNT} worksheets")
    sheets: dict[int, _CountedSheet] = {}
    cell_count = 0
    character_count = 0
    record_count = 0
    for position in positions:
        if position not in sheets:
            sheets[position] = _counted_sheet(stream, position, lengths)
        sheet = sheets[position]
        limit_cells(sheet.rows, sheet.columns, on_others=cell_count)
        cell_count += sheet.rows * sheet.columns
        character_count += sheet.characters
        limit_text(character_count, most=TEXT_MAX_CHARACTERS)
        record_count += sheet.records
        # Each record has four bytes at least: worksheets that share none have no more.
        if record_count > len(stream) // 4:
            raise WorkbookRefusedError("several of its worksheets are the same part of it")
    return any(sheet.is_claiming for sheet in sheets.values())


def _counted_sheet(stream: bytearray, position: int, lengths: Sequence[int]) -> _CountedSheet:
    sheet = _CountedSheet()
    for kind, begin, data, _continuations in _records(stream, position):
        sheet.records += 1
        if kind == _DIMENSIONS:
            struct.pack_into("<H", stream, begin, _UNUSED)
            sheet.is_claiming = True
        elif kind in _CELLS:
            row, column = struct.unpack_from("<HH", data)
            sheet.rows = max(sheet.rows, row + 1)
            sheet.columns = max(sheet.columns, column + 1)
            if kind == _SHARED_TEXT_CELL:
                (number,) = struct.unpack_from("<I", data, 6)
                sheet.characters += lengths[number] if number < len(lengths) else 0
        elif kind == _SEVERAL_NUMBERS:
            row, column = struct.unpack_from("<HH", data)
            sheet.rows = max(sheet.rows, row + 1)
            sheet.columns = max(sheet.columns, column + max(len(data) - 6, 0) // 6)
        elif kind == _MERGED:
            (count,) = struct.unpack_from("<H", data)
            for _first_row, last_row, _first, last in struct.iter_unpack(
                "<HHHH", data[2 : 2 + 8 * count]
            ):
                limit_span(last_row + 1, last + 1)
    return sheet


def _records(stream: bytearray, position: int) -> Iterator[_Record]:
    """Yield the records from a position up to the end of a part."""
    while position < len(stream):
        begin = position
        kind, length = struct.unpack_from("<HH", stream, position)
        position += 4 + length
        if position > len(stream):
            raise WorkbookRefusedError(_DAMAGED)
        data = bytes(stream[begin + 4 : position])
        continuations = []
        while position + 4 <= len(stream):
            following, length = struct.unpack_from("<HH", stream, position)
            if following != _CONTINUE:
                break
            continuations.append(bytes(stream[position + 4 : position + 4 + length]))
            position += 4 + length
        if kind == _EOF:
            return
        yield _Record(kind, begin, data, continuations)


def _shared_lengths(parts: Sequence[bytes]) -> "array[int]":
    """Return the characters of each text that cells share, by its number.

    A text may go on in the next part, which says anew how wide its characters are.
    """
    lengths = array("L")
    (count,) = struct.unpack_from("<I", parts[0], 4)
    part = 0
    place = 8
    for _ in range(count):
        if place >= len(parts[part]):
            part += 1
            place = 0
            if part == len(parts):
                break  # fewer than it says
        characters, flags = struct.unpack_from("<HB", parts[part], place)
        place += 3
        lengths.append(characters)
        beside = 0
        if flags & 0x08:  # runs of formats
            beside += 4 * struct.unpack_from("<H", parts[part], place)[0]
            place += 2
        if flags & 0x04:  # phonetics
            beside += struct.unpack_from("<I", parts[part], place)[0]
            place += 4
        width = 2 if flags & 0x01 else 1
        left = characters
        while left:
            here = min(left, (len(parts[part]) - place) // width)
            place += here * width
            left -= here
            if left:
                part += 1
                width = 2 if parts[part][0] & 0x01 else 1
                place = 1
        while beside:
            here = min(beside, len(parts[part]) - place)
            place += here
            beside -= here
            if beside:
                part += 1
                place = 0
                parts[part]  # an IndexError says that it is damaged
    return lengths


class _Parts:
    """The sectors of a container, and which follows which."""

    def __init__(self, data: bytes, size: int, following: Sequence[int]) -> None:
        self._data = data
        self._size = size
        self._following = following

    def sector(self, number: int) -> bytes:
        begin = number * self._size
        return self._data[begin : begin + self._size]

    def chain(self, first: int) -> bytes:
        """Return a chain of sectors.

        Raises:
            WorkbookRefusedError: It has no end.
        """
        pieces: list[bytes] = []
        number = first
        while number < _LARGEST_SECTOR:
            if len(pieces) > len(self._following):
                raise WorkbookRefusedError("its parts have no end")
            pieces.append(self.sector(number))
            number = self._following[number]
        return b"".join(pieces)


def _workbook_stream(content: bytes) -> bytes:
    """Return the stream of a container that is its workbook."""
    size = _SECTOR_SHIFTS.get(struct.unpack_from("<H", content, 30)[0])
    if not content.startswith(_SIGNATURE) or size is None:
        raise WorkbookRefusedError(_DAMAGED)
    (first_entry,) = struct.unpack_from("<I", content, 48)
    (first_small, _, first_further) = struct.unpack_from("<III", content, 60)
    sectors = content[size:]  # the header fills the first one
    sector_count = len(sectors) // size + 1

    numbers = list(struct.unpack_from(f"<{_NAMED_IN_HEADER}I", content, 76))
    plain = _Parts(sectors, size, ())
    further = first_further
    while further < _LARGEST_SECTOR:
        if len(numbers) > sector_count + _NAMED_IN_HEADER:
            raise WorkbookRefusedError("its parts have no end")
        named = _numbers(plain.sector(further))
        further = named.pop()  # an IndexError says that it is damaged
        numbers += named
    following: list[int] = []
    for number in numbers:
        if number < _LARGEST_SECTOR and len(following) < sector_count:
            following += _numbers(plain.sector(number))
    whole = _Parts(sectors, size, following)

    entries = whole.chain(first_entry)
    root_first = struct.unpack_from("<I", entries, 116)[0]
    for name in _NAMES:
        for begin in range(0, len(entries) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            entry = entries[begin : begin + _ENTRY_BYTES]
            if entry[:64].decode("utf-16-le", "ignore").partition("\0")[0] != name:
                continue
            first, length = struct.unpack_from("<II", entry, 116)
            if length < _SMALL_STREAM_BYTES:
                small = _Parts(
                    whole.chain(root_first),
                    _SMALL_SECTOR_BYTES,
                    _numbers(whole.chain(first_small)),
                )
                return small.chain(first)[:length]
            return whole.chain(first)[:length]
    raise WorkbookRefusedError("no workbook is named in it")


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))


def _container_of(stream: bytes) -> bytes:
    """Return a container of one stream: allocation table, directory, a small sector, the stream."""
    size = 4096
    padded = stream.ljust(_SMALL_STREAM_BYTES, b"\0")
    stream_sectors = -(-len(padded) // size)
    others = 2  # the directory, and the first of small sectors, without which there is no root
    in_table = size // 4
    table_sectors = -(-(stream_sectors + others) // (in_table - 1))
    directory = table_sectors
    small = directory + 1
    first = small + 1

    table = [_FAT_SECTOR] * table_sectors + [_END_OF_CHAIN, _END_OF_CHAIN]
    table += [*range(first + 1, first + stream_sectors), _END_OF_CHAIN]
    table += [_FREE] * (table_sectors * in_table - len(table))
    named = [*range(table_sectors)] + [_FREE] * (_NAMED_IN_HEADER - table_sectors)
    if table_sectors > _NAMED_IN_HEADER:
        raise WorkbookRefusedError("it is too large")

    header = (
        struct.pack(
            "<8s16xHHHHH6xIIIIIIIIII",
            _SIGNATURE,
            0x3E,  # minor version
            4,  # major version: sectors of 4,096 bytes
            0xFFFE,  # little-endian
            12,  # a sector is 2 to the power of this
            6,  # a small sector, likewise
            1,  # sectors of the directory
            table_sectors,
            directory,
            0,  # transactions: none
            _SMALL_STREAM_BYTES,
            _END_OF_CHAIN,  # no allocation table of small sectors
            0,
            _END_OF_CHAIN,  # no further names of table sectors
            0,
            named[0],
        )
        + struct.pack(f"<{_NAMED_IN_HEADER - 1}I", *named[1:])
    )
    entries = _entry("Root Entry", kind=5, first=small, length=size, child=1)
    entries += _entry(_NAMES[0], kind=2, first=first, length=len(padded), child=_FREE)
    return b"".join(
        (
            header.ljust(size, b"\0"),
            struct.pack(f"<{len(table)}I", *table),
            entries.ljust(size, b"\0"),
            bytes(size),
            padded.ljust(stream_sectors * size, b"\0"),
        )
    )


def _entry(name: str, *, kind: int, first: int, length: int, child: int) -> bytes:
    encoded = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII36xIQ", encoded, len(encoded) + 2, kind, 1, _FREE, _FREE, child, first, length
    )
