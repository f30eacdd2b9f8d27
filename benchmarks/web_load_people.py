"""The people of `web_load`: what each asks of the web, one request after the other.

Each waits for the answer, then thinks for one to two seconds, as people do: a slow server gets
fewer requests. What each saved is kept, to be judged from the revisions.
"""

import asyncio
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import connect
from websockets.typing import Origin

THINK_SECONDS = (1.0, 2.0)
SHARED_TICKETS = 24
"""The editors work on these, so that they meet."""
ASSIGNED_AT_ONCE = 50
PARTS = ("notes", "analysis")
OK, SEE_OTHER, CONFLICT = 200, 303, 409
_BASE = re.compile(r'name="revision"\s+value="(\d+)"')
_KEPT = re.compile(r"Kept as revision (\d+)\.")
_QUESTION = re.compile(r'name="question_id"\s+value="([^"]+)"')
_ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')
_READ = re.compile(
    r'name="ticket_id"\s+value="([^"]+)">\s*<input\s+type="hidden"\s+name="seen"\s+value="(\w*)"'
)
_IS_READY = 'value="unready"'
SEARCHED = ("field_o", "museum", "clock name", "display")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A ticket as the people know it from the start."""

    number: int
    ticket_id: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A request that was answered."""

    kind: str
    is_save: bool
    milliseconds: float
    status: int
    cpu_milliseconds: float
    """What the server used meanwhile, whoever made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """An edit that was sent to be kept, and what the server said."""

    person: str
    ticket: Known
    part: str
    text: str
    base: int
    """The revision its writer saw."""
    kept_as: int | None
    """The revision it is said to be; None where it was refused."""
    is_conflict: bool = False
    """It was refused, the answer says by whom, and no text of its writer is gone."""


@dataclass(slots=True, kw_only=True)
class Load:
    """What happened while people worked."""

    tickets: Sequence[Known]
    largest: int
    """The number of the ticket that is over the limit of an issue."""
    until: float
    timed: list[Timed] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Answers that nobody expects: errors of the server, refusals that are no conflicts."""
    saves: list[Save] = field(default_factory=list)
    sprints: dict[int, dict[str, str]] = field(default_factory=dict)
    """By ticket number: what each person assigned last, as the server accepted it."""
    numbers: "count[int]" = field(default_factory=count)
    cpu_milliseconds: Callable[[], float] = lambda: 0.0
    """What the server used so far."""
    sockets: int = 0
    messages: int = 0
    """Heard over all sockets."""


@dataclass(slots=True, kw_only=True)
class Worker:
    """A person at work."""

    load: Load
    name: str
    client: httpx.AsyncClient
    """Signed in; keeps its connection."""
    key: str
    chance: random.Random
    think_seconds: tuple[float, float] = THINK_SECONDS
    kept_files: dict[str, str] = field(default_factory=dict)
    """The ETags of files that the browser has; empty for what it need not ask for again."""

    async def open(self, kind: str, address: str) -> httpx.Response | None:
        """Open a page in a browser, which fetches the files that it names."""
        page = await self.ask(kind, "GET", address)
        for asset in () if page is None else sorted({*_ASSET.findall(page.text)}):
            tag = self.kept_files.get(asset)
            if tag == "":
                continue
            headers = {} if tag is None else {"if-none-match": tag}
            file = await self.ask(
                "static file", "GET", asset, is_thinking=False, expected=(OK, 304), headers=headers
            )
            if file is not None:
                is_final = "immutable" in file.headers.get("cache-control", "")
                self.kept_files[asset] = "" if is_final else file.headers["etag"]
        return page

    async def follow(self, session_key: str) -> None:
        """Follow the export of a session over a socket, as its page does."""
        base = self.client.base_url
        headers = {"cookie": "; ".join(f"{k}={v}" for k, v in self.client.cookies.items())}
        address = f"ws://{base.host}:{base.port}/api/jira/export/progress/{session_key}"
        async with connect(address, origin=Origin(str(base)), additional_headers=headers) as heard:
            self.load.sockets += 1
            async with asyncio.timeout(self.load.until - time.monotonic()):
                async for _ in heard:
                    self.load.messages += 1

    async def ask(
        self,
        kind: str,
        method: str,
        address: str,
        *,
        is_save: bool = False,
        is_thinking: bool = True,
        expected: tuple[int, ...] = (OK,),
        **more: object,
    ) -> httpx.Response | None:
        """Think, send a request and time it; None where the answer is no expected one."""
        if is_thinking:
            await asyncio.sleep(self.chance.uniform(*self.think_seconds))
        if time.monotonic() >= self.load.until:
            raise TimeoutError
        used, began = self.load.cpu_milliseconds(), time.perf_counter()
        try:
            answer = await self.client.request(method, address, **more)  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            self.load.broken.append(f"{kind}: {type(error).__name__} {error}")
            return None
        milliseconds = (time.perf_counter() - began) * 1000
        status = answer.status_code
        self.load.timed.append(
            Timed(
                kind=kind,
                is_save=is_save,
                milliseconds=milliseconds,
                status=status,
                cpu_milliseconds=self.load.cpu_milliseconds() - used,
            )
        )
        if status in expected:
            return answer
        self.load.broken.append(f"{kind}: {status} {answer.text[:300]}")
        return None

    async def read_pages(self) -> None:
        """Read as a browser does: lists, tickets, questions, where the session is."""
        here = f"/sessions/{self.key}"
        pages = max(1, len(self.load.tickets) // 100)
        while True:
            number = self.chance.choice(self.load.tickets).number
            page = self.chance.randint(1, pages)
            await self.open("list page", f"{here}/tickets?page={page}")
            await self.open("ticket page", f"{here}/tickets/{number}")
            await self.open("questions page", f"{here}/questions")
            await self.open("ticket page", f"{here}/tickets/{number + 1}")
            await self.open("list page", f"{here}/tickets?text={number}&sort=title")
            await self.open("session page", here)
            await self.open("largest ticket", f"{here}/tickets/{self.load.largest}")

    async def review(self) -> None:
        """Decide about one ticket after the other, answer a question of each and look something up."""
        here = f"/sessions/{self.key}"
        while True:
            number = self.chance.choice(self.load.tickets).number
            page = await self.open("ticket page", f"{here}/tickets/{number}")
            for wanted in ("unready", "ready"):
                if page is None or (_IS_READY in page.text) != (wanted == "unready"):
                    continue
                ticket_id, seen = _READ.findall(page.text)[0]
                await self.ask(
                    "one decision",
                    "POST",
                    f"{here}/tickets/{number}",
                    is_save=True,
                    expected=(SEE_OTHER,),
                    data={
                        "ticket_id": ticket_id,
                        "seen": seen,
                        "do": wanted,
                        "with_questions": "1",
                    },
                )
                page = await self.open("ticket page", f"{here}/tickets/{number}")
            asked = [] if page is None else _QUESTION.findall(page.text)
            if page is not None and asked:
                await self.ask(
                    "answer",
                    "POST",
                    f"{here}/tickets/{number}/answers",
                    is_save=True,
                    expected=(SEE_OTHER,),
                    data={
                        "ticket_id": _READ.findall(page.text)[0][0],
                        "question_id": self.chance.choice(asked),
                        "answer_text": self._new_text(),
                    },
                )
            words = self.chance.choice(SEARCHED)
            for typed in (words[:3], words[:5], words):
                query = {"q": typed, "session_key": self.key}
                await self.ask("search, as one types", "GET", "/search/hits", params=query)
            await self.open("search page", f"/search?{urlencode({'q': words})}")

    async def edit_by_form(self) -> None:
        """Edit one shared ticket after the other; where somebody wrote the same part, leave theirs."""
        while True:
            ticket = self.chance.choice(self.load.tickets[:SHARED_TICKETS])
            address = f"/sessions/{self.key}/tickets/{ticket.number}"
            page = await self.open("ticket page", f"{address}?edit=1")
            shown = page and _BASE.search(page.text)
            if not shown:
                continue
            part, text = self.chance.choice(PARTS), self._new_text()
            saved = await self.ask(
                "edit saved",
                "POST",
                f"{address}/edit",
                is_save=True,
                expected=(OK, CONFLICT),
                data={"ticket_id": ticket.ticket_id, "revision": shown[1], part: text},
                follow_redirects=True,
            )
            if saved is None:
                continue
            kept = _KEPT.search(saved.text)
            self.load.saves.append(
                Save(
                    person=self.name,
                    ticket=ticket,
                    part=part,
                    text=text,
                    base=int(shown[1]),
                    kept_as=int(kept[1]) if kept else None,
                    is_conflict=saved.status_code == CONFLICT and text in saved.text,
                )
            )

    async def decide_in_bulk(self) -> None:
        """Assign a sprint to many tickets, again and again."""
        while True:
            sprint = f"Sprint {next(self.load.numbers)}"
            size = min(ASSIGNED_AT_ONCE, len(self.load.tickets))
            numbers = [one.number for one in self.chance.sample(self.load.tickets, size)]
            answer = await self.ask(
                "bulk assign",
                "POST",
                f"/sessions/{self.key}/tickets",
                is_save=True,
                expected=(SEE_OTHER,),
                data={"do": "assign", "number": numbers, "sprint": sprint},
            )
            if answer is not None:
                for number in numbers:
                    self.load.sprints.setdefault(number, {})[self.name] = sprint

    def _new_text(self) -> str:
        return f"Edit {next(self.load.numbers)} of {self.name}: ask the museum which clocks run."
