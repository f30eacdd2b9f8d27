"""A connection pooler in transaction mode, as small as one can be.

Belongs here: handing the session of a PostgreSQL server to another client as soon as a transaction
is over, which is what such poolers do. Does not: passwords, encryption, prepared statements.

Source: PostgreSQL's documentation, 55.7 Message Formats, 2025.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import URL, make_url

_IDLE = b"I"
_READY = b"Z"
_TERMINATE = b"X"


class _Wire:
    """One end of a connection that speaks in messages."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected

    def read(self) -> tuple[bytes, bytes]:
        kind = self._exactly(1)
        return kind, self.read_untyped()

    def read_untyped(self) -> bytes:
        """Return the body of a message without a kind: the first one of a client."""
        (length,) = struct.unpack("!I", self._exactly(4))
        return self._exactly(length - 4)

    def write(self, kind: bytes, body: bytes) -> None:
        self.socket.sendall(kind + struct.pack("!I", len(body) + 4) + body)

    def _exactly(self, count: int) -> bytes:
        read = b""
        while len(read) < count:
            more = self.socket.recv(count - len(read))
            if not more:
                raise EOFError
            read += more
        return read


class TransactionPooler:
    """Gives clients a session for one transaction at a time, the one used last first."""

    def __init__(self, server: URL) -> None:
        """Listen on a free port; the server asks for no password."""
        self._server = server
        self._free: list[_Wire] = []
        self._open: list[_Wire] = []
        self._attending: list[threading.Thread] = []
        self._greeting: list[tuple[bytes, bytes]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.asked: list[str] = []
        """What clients sent after they had logged in, each a round trip."""

    def serve(self) -> None:
        """Accept clients until the listener is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            wire = _Wire(client)
            self._open.append(wire)
            self._attending.append(threading.Thread(target=self._attend, args=(wire,)))
            self._attending[-1].start()

    def close(self) -> None:
        """Accept nobody any more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def end(self) -> None:
        """End every client and session, whatever they are doing; nobody may be accepted any more.

        A session may have been lent to a client that went away in mid-transaction.
        """
        for wire in [*self._open]:
            with suppress(OSError):  # the other end was first
                wire.socket.shutdown(socket.SHUT_RDWR)
        for thread in self._attending:
            thread.join()
        for wire in self._open:
            wire.socket.close()

    def _attend(self, client: _Wire) -> None:
        with suppress(EOFError, OSError):  # one of the two went away
            while len(client.read_untyped()) == 4:  # asks for encryption
                client.socket.sendall(b"N")
            self._free.append(self._new_session())
            for kind, body in self._greeting:
                client.write(kind, body)
            while True:
                kind, body = client.read()
                if kind == _TERMINATE:
                    break
                self._pass_on(client, kind, body)
        with suppress(OSError):
            client.socket.shutdown(socket.SHUT_RDWR)

    def _pass_on(self, client: _Wire, kind: bytes, body: bytes) -> None:
        """Lend a session until the server says that no transaction is open."""
        session = self._free.pop() if self._free else self._new_session()
        while True:
            self.asked.append(body.rstrip(b"\0").decode())
            session.write(kind, body)
            if self._answer(client, session) == _IDLE:
                self._free.append(session)
                return
            kind, body = client.read()

    def _answer(self, client: _Wire, session: _Wire) -> bytes:
        """Pass on what the server says until it is ready; return whether a transaction is open."""
        while True:
            kind, body = session.read()
            client.write(kind, body)
            if kind == _READY:
                return body

    def _new_session(self) -> _Wire:
        """Log in; what the server answers is what every client is greeted with."""
        assert self._server.host is not None
        assert self._server.port is not None
        session = _Wire(socket.create_connection((self._server.host, self._server.port)))
        self._open.append(session)
        words = f"user\0{self._server.username}\0database\0{self._server.database}\0\0"
        session.write(b"", struct.pack("!I", 3 << 16) + words.encode())
        greeting = [session.read()]
        while greeting[-1][0] != _READY:
            greeting.append(session.read())
        self._greeting = greeting
        return session


@contextmanager
def pooled(url: str, *, asked: list[str] | None = None) -> Iterator[str]:
    """Put a pooler in front of a database and return its URL; `asked` gets what clients send."""
    server = make_url(url)
    pooler = TransactionPooler(server)
    pooler.asked = pooler.asked if asked is None else asked
    serving = threading.Thread(target=pooler.serve)
    serving.start()
    try:
        yield server.set(host="127.0.0.1", port=pooler.port).render_as_string(hide_password=False)
    finally:
        pooler.close()
        serving.join()
        pooler.end()
