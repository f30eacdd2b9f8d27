"""A zip container from outside, or an archive that is made one, opened within limits.

Belongs here: which containers are refused, and reading an entry without ever holding more than the
limits allow. Does not: what the entries mean (the sources).

Sizes that the container states are not believed: bytes are counted while they are unpacked.
"""

import io
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

_CHUNK_BYTES = 64_000
_ENCRYPTED_FLAG = 0x1
_UNIX_MODE_SHIFT = 16
_DRIVE = re.compile(r"[A-Za-z]:")
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,  # encrypted after all; NotImplementedError is one too
)
"""What the standard library raises over damaged containers; found by flipping every bit."""
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class ZipRefusedError(Exception):
    """The container breaks a limit or is damaged; the text says how, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipLimits:
    """Upper bounds of one container."""

    entries_max_count: int = 10_000
    unpacked_max_bytes: int = 200_000_000
    ratio_max: int = 100
    """Unpacked bytes for each byte of the container; text in sheets has 10 to 40, left-over styles
    300."""
    ratio_counts_above_bytes: int = 50_000_000

    def allowed_bytes(self, content: bytes) -> int:
        """Return how much a container may unpack to."""
        by_ratio = max(self.ratio_counts_above_bytes, self.ratio_max * len(content))
        return min(self.unpacked_max_bytes, by_ratio)


DEFAULT_ZIP_LIMITS = ZipLimits()
_GZIP_START = b"\x1f\x8b"
_GZIP_WINDOW = zlib.MAX_WBITS | 16
_TAR_MARK = slice(257, 262)
"""Where an archive says that it is one. Source: POSIX.1-2017, pax, ustar interchange format."""


@dataclass(slots=True, kw_only=True)
class BoundedZip:
    """An opened container; all that is read from it counts towards one limit."""

    _archive: zipfile.ZipFile
    _entries: dict[str, zipfile.ZipInfo]
    _allowed_bytes: int
    _read_bytes: int = field(default=0)

    @property
    def names(self) -> frozenset[str]:
        """Names of the entries, folders left out."""
        return frozenset(self._entries)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Unpack an entry piece by piece.

        Raises:
            ZipRefusedError: There is no such entry, it is damaged, or the limit is reached.
        """
        entry = self._entries.get(name)
        if entry is None:
            raise ZipRefusedError(f"it has no part {name}")
        try:
            with self._archive.open(entry) as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    self._read_bytes += len(chunk)
                    if self._read_bytes > self._allowed_bytes:
                        raise ZipRefusedError(
                            f"it unpacks to more than {self._allowed_bytes:,} bytes"
                        )
                    yield chunk
        except _DAMAGE as error:
            raise ZipRefusedError(f"its part {name} is damaged: {error}") from error

    def unpack_once(self) -> None:
        """Refuse the container now where a limit is reached or an entry is damaged."""
        for name in sorted(self.names):
            for _ in self.chunks(name):
                pass
        self._read_bytes = 0

    def read(self, name: str) -> bytes:
        """Unpack a whole entry, within the same limit."""
        return b"".join(self.chunks(name))


def as_zip(content: bytes, limits: ZipLimits = DEFAULT_ZIP_LIMITS) -> bytes:
    """Return a `.tar` or `.tar.gz` as a zip container of the same files, other bytes as they are.

    Raises:
        ZipRefusedError: It is damaged or too large, or has something else than files and folders.
    """
    files: dict[str, bytes] = {}
    allowed = limits.allowed_bytes(content)
    try:
        if content.startswith(_GZIP_START):
            content = zlib.decompressobj(_GZIP_WINDOW).decompress(content, allowed + 1)
        if content[_TAR_MARK] != b"ustar":
            return content
        if len(content) > allowed:
            raise ZipRefusedError(f"it unpacks to more than {allowed:,} bytes")
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            for entry in archive:
                # one with holes says in few bytes that it is as large as anybody likes
                is_plain = (entry.isreg() and not entry.issparse()) or entry.isdir()
                if len(files) > limits.entries_max_count or not is_plain:
                    raise ZipRefusedError(
                        f"its part {entry.name[:120]!r} is a link, has holes, or is one too many"
                    )
                if stream := archive.extractfile(entry):
                    files[entry.name.removeprefix("./")] = stream.read()
    except (tarfile.TarError, *_DAMAGE) as error:
        raise ZipRefusedError("it is not a readable .tar.gz file") from error
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as container:
        for name, text in files.items():
            container.writestr(name, text)
    return packed.getvalue()


def open_zip(content: bytes, limits: ZipLimits = DEFAULT_ZIP_LIMITS) -> BoundedZip:
    """Open a container and check what can be checked before anything is unpacked.

    Raises:
        ZipRefusedError: It is damaged, encrypted or too large, or an entry's name is no plain path.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGE as error:
        raise ZipRefusedError("it is not a readable zip file") from error
    listed = archive.infolist()
    if len(listed) > limits.entries_max_count:
        raise ZipRefusedError(
            f"it has {len(listed):,} parts; at most {limits.entries_max_count:,} are read"
        )
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in listed:
        name = entry.orig_filename.replace("\\", "/")  # as old writers on Windows name parts
        is_outside = name.startswith("/") or ".." in name.split("/") or _DRIVE.match(name)
        is_hidden = is_outside or not name.isprintable()
        is_link = stat.S_ISLNK(entry.external_attr >> _UNIX_MODE_SHIFT)
        for is_so, fault in (
            (is_hidden, f"its part {name[:120]!r} has a path outside the container"),
            (entry.flag_bits & _ENCRYPTED_FLAG, f"its part {name} is encrypted"),
            (is_link, f"its part {name} is a link"),
            (
                entry.compress_type not in _METHODS,
                f"its part {name} uses an unsupported compression method",
            ),
            (name in entries, f"it has two parts named {name}"),
        ):
            if is_so:
                raise ZipRefusedError(fault)
        if not name.endswith("/"):
            entries[name] = entry
    return BoundedZip(
        _archive=archive, _entries=entries, _allowed_bytes=limits.allowed_bytes(content)
    )
