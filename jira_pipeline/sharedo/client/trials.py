"""Tries, without changing anything, what of an environment is not proven: its grants and paths.

Belongs here: what is tried, what an answer shows, the settings that follow. Does not: sending and
tokens (`exchange`), which environment is tried and by which job (`sharedo/export_jobs`).

Tokens are asked for, and what can be read. What a thing depends on is asked by POST, as before every
export. Of a path that creates or cancels, the OPTIONS are asked for. An address that does not exist
shows what each answer is worth: where both are alike, it shows nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from urllib.parse import quote, urlsplit

import httpx
import yaml

from jira_pipeline.kernel.sharedo_jobs import ExportItem, ExportJob
from jira_pipeline.sharedo.client.environments import Environment, Grant, Paths
from jira_pipeline.sharedo.client.exchange import TRANSIENT_STATUSES, Call, ShareDoExchange, is_page
from jira_pipeline.sharedo.client.responses import (
    AccountBody,
    DependenciesBody,
    DiscoveryBody,
    ErrorBody,
    FoundBody,
    ProgressBody,
    parsed,
)
from jira_pipeline.sharedo.errors import ShareDoAccessError, ShareDoError

DISCOVERY = "/.well-known/openid-configuration"
"""Where an identity server says itself what it offers. Source: OpenID Connect Discovery 1.0, 4."""
TOKEN_REFUSALS = frozenset({400, 401, 403})
"""Of a path that gives tokens, and gives us none. Source: RFC 6749, 5.2."""
NOWHERE = "/api/jira-pipeline/nowhere"
NO_JOB = "00000000-0000-0000-0000-000000000000"
NO_NAME = "jira-pipeline-no-such-name"
ZIP_SIGNATURE = b"PK\x03\x04"
_USUAL = Paths()
_BASES = ("/api/modeller/importexport/export", "/modeller/__importexport/export")
"""Where paths of exports are known to begin. Source: docs/sharedo.md."""
_PROVIDERS: Mapping[str, tuple[str, ...]] = {
    "worktype": ("sharedo-type", "work-type"),
    "workflow": ("execution-engine", "workflow", "sharedo-workflow"),
    "form": ("form-builder", "form", "sharedo-form"),
}
"""What packages call the provider of each type. Source: docs/sharedo.md."""


class Shown(StrEnum):
    """What an answer shows of a setting."""

    WORKS = "works"
    THERE = "is there"
    """Something answers; that it does what it should is not shown."""
    BROWSER = "wants a browser"
    REFUSED = "refused"
    ABSENT = "is not there"
    UNCLEAR = "unclear"


_NOBODY, _SOMEBODY, _NAMED = range(3)
"""What a token is worth, by whom it names."""
_BEST_FIRST = (Shown.WORKS, Shown.THERE, Shown.UNCLEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One thing that was tried."""

    setting: str
    """As the file of environments calls it: `grant`, `paths.create`."""
    value: str
    shown: Shown
    answer: str
    """In the words of the service where it has some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialReport:
    """What an environment answered, and which settings follow."""

    environment: str
    account: str
    """The person it takes us for; empty: it says of none."""
    is_usable: bool
    """A grant names a person, and nothing shows that no job can be created."""
    trials: tuple[Trial, ...]
    proposed: Mapping[str, object]
    """Settings that differ from those it has."""

    @property
    def lines(self) -> str:
        """What is proposed, as lines of the file of environments."""
        block = {"environments": {self.environment: dict(self.proposed)}}
        return yaml.safe_dump(block, sort_keys=False) if self.proposed else ""


def try_settings(
    environment: Environment,
    *,
    opened: Callable[[Environment], ShareDoExchange],
    item: ExportItem | None,
    job: ExportJob | None,
) -> TrialReport:
    """Try each grant and path that is not proven.

    Args:
        environment: As it is configured.
        opened: Makes an exchange with the environment in another form; nothing is sent yet.
        item: A thing that it has, of which dependencies can be asked for.
        job: One that it has, by which progress, download and lookups can be tried.

    Raises:
        ShareDoUnreachableError: The identity server does not answer.
    """
    trials = _Trials(environment, opened)
    if trials.try_tokens() and trials.try_grants():
        with closing(opened(trials.environment)) as exchange:
            trials.asking = _Asking(exchange)
            trials.try_dependencies(item)
            trials.try_paths(job)
    return TrialReport(
        environment=environment.name,
        account=trials.account,
        is_usable=trials.is_usable,
        trials=tuple(trials.done),
        proposed=_differing(trials.environment, environment),
    )


def _differing(best: Environment, configured: Environment) -> Mapping[str, object]:
    """Return the settings that are otherwise than configured, as the file has them."""
    now, before = (one.model_dump(mode="json") for one in (best, configured))
    paths = {name: path for name, path in now["paths"].items() if path != before["paths"][name]}
    found = {name: now[name] for name in ("grant", "providers") if now[name] != before[name]}
    return found | ({"paths": paths} if paths else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What came of one request."""

    shown: Shown
    words: str
    response: httpx.Response | None


def _call(method: str, path: str, *, job: ExportJob | None) -> Call:
    remote_id = (job.remote_id if job else None) or NO_JOB
    filled = path.replace("{job}", quote(remote_id, safe=""))
    return Call(method=method, path=filled, action=f"Trying {path}")


def _ids_in(answer: _Answer) -> tuple[str, ...] | None:
    """Return the ids of the jobs that a lookup found; None: it is no answer to one."""
    body = answer.response and parsed(answer.response.content, FoundBody)
    return tuple(str(item.job_id) for item in body.items) if body else None


class _Asking:
    """Sends what changes nothing, and judges answers by those of an address that is not there."""

    def __init__(self, exchange: ShareDoExchange) -> None:
        """Ask what an address that is not there answers, and what the OPTIONS of one that is say."""
        self._exchange = exchange
        self._nowhere = {method: self._signature(method, NOWHERE) for method in ("GET", "OPTIONS")}
        account = exchange.environment.paths.account
        self._has_options = self._signature("OPTIONS", account) != self._nowhere["OPTIONS"]

    def ask(
        self,
        method: str,
        path: str,
        *,
        job: ExportJob | None = None,
        takes: str = "",
        json: object = None,
        query: Mapping[str, str] = MappingProxyType({}),
    ) -> _Answer:
        """Send a request; `takes` is the method that OPTIONS are asked about."""
        call = replace(_call(method, path, job=job), json=json, query=query)
        try:
            response = self._exchange.send(call)
        except httpx.HTTPError as failure:
            words = self._exchange.unreachable(call, failure).message
            return _Answer(shown=Shown.UNCLEAR, words=words, response=None)
        except ShareDoError as refusal:
            return _Answer(shown=Shown.UNCLEAR, words=refusal.message, response=None)
        words = self._exchange.reason(response)
        if method == "OPTIONS" and "Allow" in response.headers:
            words = f"{response.status_code}, takes {response.headers['Allow']}"
        return _Answer(
            shown=self._shown(method, call.path, response, takes=takes),
            words=words,
            response=response,
        )

    def progress(self, path: str, *, job: ExportJob | None) -> _Answer:
        """Ask how far a job is; without one, one that there is not."""
        answer = self.ask("GET", path, job=job)
        body = answer.response and parsed(answer.response.content, ProgressBody)
        is_read = job is not None and answer.shown is Shown.THERE and body and not body.is_empty
        return replace(answer, shown=Shown.WORKS) if is_read else answer

    def package(self, path: str, *, job: ExportJob | None) -> _Answer:
        """Begin to fetch the package of a job; without one, of one that there is not."""
        if job is None:
            return self.ask("GET", path, job=None)
        call = _call("GET", path, job=job)
        try:
            with self._exchange.streamed(call) as response:
                begin = next(response.iter_bytes(len(ZIP_SIGNATURE)), b"")
        except (httpx.HTTPError, ShareDoError):
            begin = b""
        if begin == ZIP_SIGNATURE:
            return _Answer(shown=Shown.WORKS, words="a package", response=None)
        return self.ask("GET", path, job=job)

    def lookup(self, path: str, *, job: ExportJob | None) -> _Answer:
        """Look a job up by its name, and a name that no job has."""
        answer = self.ask("GET", path, job=None, query={"name": NO_NAME})
        none = _ids_in(answer)
        if answer.shown is not Shown.THERE or none is None:
            return answer
        if none:
            return replace(answer, shown=Shown.UNCLEAR, words="finds jobs of any name")
        if job is None:
            words = "finds no job of no name; with a job to look for it could be proven"
            return replace(answer, words=words)
        found = self.ask("GET", path, job=None, query={"name": job.config_name})
        if job.remote_id in (_ids_in(found) or ()):
            return replace(found, shown=Shown.WORKS, words=f"finds {job.config_name}")
        return replace(found, shown=Shown.UNCLEAR, words=f"does not find {job.config_name}")

    def _shown(self, method: str, path: str, response: httpx.Response, *, takes: str) -> Shown:
        """Tell what an answer shows that is not yet read."""
        like = "OPTIONS" if method == "OPTIONS" else "GET"
        signature = self._signature_of(path, response)
        if signature == self._nowhere[like]:
            has_words = bool(signature and signature[-1])
            is_telling = self._has_options if like == "OPTIONS" else has_words
            return Shown.ABSENT if is_telling else Shown.UNCLEAR
        if response.status_code in TRANSIENT_STATUSES:
            return Shown.UNCLEAR
        if httpx.codes.is_redirect(response.status_code) or is_page(response):
            return Shown.BROWSER
        if response.status_code in {401, 403}:
            return Shown.REFUSED
        if like == "GET" and response.status_code == httpx.codes.METHOD_NOT_ALLOWED:
            return Shown.ABSENT  # something else is
        allowed = response.headers.get("Allow", "")
        if like == "OPTIONS" and allowed:
            return Shown.THERE if takes in allowed else Shown.ABSENT
        return Shown.THERE

    def _signature(self, method: str, path: str) -> tuple[object, ...] | None:
        call = _call(method, path, job=None)
        try:
            return self._signature_of(path, self._exchange.send(call))
        except (httpx.HTTPError, ShareDoError):
            return None

    def _signature_of(self, path: str, response: httpx.Response) -> tuple[object, ...]:
        """Return what distinguishes an answer, without the address that it may repeat."""
        body = parsed(response.content, ErrorBody)
        words = "" if body is None else body.text.replace(path.strip("/"), "").strip(" ./'\"")
        kind = str(response.headers.get("Content-Type", "")).partition(";")[0]
        where = urlsplit(str(response.headers.get("Location", ""))).path
        allowed = response.headers.get("Allow", "")
        return response.status_code, kind, where, allowed, words


class _Trials:
    """The environment as it is best known, the trials that showed it, and what follows."""

    asking: _Asking

    def __init__(
        self, environment: Environment, opened: Callable[[Environment], ShareDoExchange]
    ) -> None:
        """Begin with what is configured."""
        self.environment = environment
        self.done: list[Trial] = []
        self.account = ""
        self.has_person = False
        self._opened = opened

    @property
    def is_usable(self) -> bool:
        """Tell whether nothing shows that no job can be created."""
        creating = {trial.shown for trial in self.done if trial.setting == "paths.create"}
        return self.has_person and not creating <= {Shown.ABSENT, Shown.REFUSED}

    def try_tokens(self) -> bool:
        """Find the path that gives tokens: the configured one, else what the server says itself."""
        with closing(self._opened(self.environment)) as exchange:
            response = exchange.read_identity(DISCOVERY)
        offered = parsed(response.content, DiscoveryBody) if response.is_success else None
        own = []
        if offered is not None:
            base = urlsplit(self.environment.identity_url).path
            own = [urlsplit(offered.token_endpoint).path.removeprefix(base)]
            known = [grant for grant in Grant if grant in offered.grant_types_supported]
            self._note("grant", ", ".join(known), Shown.THERE, f"offered by {DISCOVERY}")
            is_scope = self.environment.scope in offered.scopes_supported
            if offered.scopes_supported and not is_scope:
                scopes = ", ".join(offered.scopes_supported)
                self._note("scope", self.environment.scope, Shown.ABSENT, f"offered: {scopes}")
        for path in dict.fromkeys((self.environment.paths.token, *own, _USUAL.token)):
            paths = self.environment.paths.model_copy(update={"token": path})
            with closing(self._opened(self._changed(paths=paths))) as exchange:
                try:
                    exchange.sign_in()
                    shown, answer = Shown.WORKS, "gives a token"
                except ShareDoAccessError as refusal:
                    is_there = refusal.details.get("status") in TOKEN_REFUSALS
                    shown = Shown.THERE if is_there else Shown.ABSENT
                    answer = refusal.message
            self._note("paths.token", path, shown, answer)
            if shown is not Shown.ABSENT:
                self._take_path("token", path)
                return True
        return False

    def try_grants(self) -> bool:
        """Try every grant, and go on with the best; False: none gives a token."""
        configured = self.environment.grant
        worth: dict[Grant, int] = {}
        for grant in dict.fromkeys((configured, *Grant)):
            if grant is Grant.SPECIFIED and not self.environment.impersonate_user:
                self._note("grant", grant, Shown.UNCLEAR, "not tried without impersonate_user")
                continue
            with closing(self._opened(self._changed(grant=grant))) as exchange:
                try:
                    exchange.sign_in()
                except ShareDoError as refusal:
                    is_refused = isinstance(refusal, ShareDoAccessError)
                    shown = Shown.REFUSED if is_refused else Shown.UNCLEAR
                    self._note("grant", grant, shown, refusal.message)
                    continue
                name = self._account_seen_by(exchange)
            if grant is Grant.CLIENT_CREDENTIALS:
                worth[grant] = _NOBODY
                words = "gives a token that names no person, so it creates no job"
            elif not name or name == self.environment.client_id:
                worth[grant], words = _SOMEBODY, "gives a token; whom it names is not shown"
            else:
                worth[grant], words = _NAMED, f"signs in as {name}"
                self.account = self.account or name
            shown = Shown.WORKS if worth[grant] == _NAMED else Shown.THERE
            self._note("grant", grant, shown, words)
        if not worth:
            return False
        best = max(worth, key=lambda grant: worth[grant])  # of equal ones that which is configured
        self.environment = self._changed(grant=best)
        self.has_person = worth[best] > _NOBODY
        return True

    def _account_seen_by(self, exchange: ShareDoExchange) -> str:
        """Return whom the service takes a token for; empty where it does not say."""
        path = self.environment.paths.account
        name, shown = "", Shown.UNCLEAR
        try:
            response = exchange.read(_call("GET", path, job=None))
        except ShareDoError as refusal:
            words = refusal.message
        else:
            body = parsed(response.content, AccountBody) if response.is_success else None
            name, words = (body.name if body else ""), exchange.reason(response)
            shown = Shown.WORKS if name else Shown.UNCLEAR
        if all(trial.setting != "paths.account" for trial in self.done):
            self._note("paths.account", path, shown, words)
        return name

    def try_dependencies(self, item: ExportItem | None) -> None:
        """Ask what a thing depends on, under each name that its provider may have."""
        configured = self.environment.providers
        kind = next((k for k, p in configured.items() if item and p == item.provider), "")
        wanted = item or ExportItem(provider=_PROVIDERS["worktype"][0], system_name=NO_NAME)
        for path in self._candidates("dependencies", "/added"):
            for provider in dict.fromkeys((wanted.provider, *_PROVIDERS.get(kind, ()))):
                selector = {"systemName": wanted.system_name}
                body = {"systemName": provider, "selector": selector}
                answer = self.asking.ask("POST", path, json=body)
                if answer.response and parsed(answer.response.content, DependenciesBody):
                    self._note("paths.dependencies", path, Shown.WORKS, answer.words)
                    self._take_path("dependencies", path)
                    if provider != wanted.provider:
                        known = {**configured, kind: provider}
                        self.environment = self._changed(providers=known)
                    return
                words = f"{provider}: {answer.words}" if item else answer.words
                self._note("paths.dependencies", path, answer.shown, words)
            if answer.shown is Shown.THERE:
                self._take_path("dependencies", path)
                return

    def try_paths(self, job: ExportJob | None) -> None:
        """Try what creates, follows, fetches, cancels and finds a job."""
        package = "/package/{job}"
        for name, tail, takes in (
            ("create", "/package", "POST"),
            ("cancel", package, "DELETE"),
            ("configuration", None, "POST"),
        ):
            if getattr(self.environment.paths, name) is None:
                continue  # somebody turned it off
            shown = self._try_each(
                name,
                self._candidates(name, tail),
                partial(self.asking.ask, "OPTIONS", takes=takes),
            )
            if name != "create" and shown == {Shown.ABSENT}:
                self._take_path(name, None)
        self._try_each(
            "progress",
            self._candidates("progress", f"{package}/progress/"),
            partial(self.asking.progress, job=job),
        )
        shown_of = {}
        for path in (*self.environment.paths.download, *self._below(f"{package}/download")):
            if path not in shown_of:
                answer = self.asking.package(path, job=job)
                shown_of[path] = self._note("paths.download", path, answer.shown, answer.words)
        configured = self.environment.paths.download
        left = [p for p in shown_of if shown_of[p] in {Shown.WORKS, Shown.THERE}]
        if left:
            left += [p for p in configured if shown_of[p] is Shown.UNCLEAR]
            left.sort(key=lambda path: _BEST_FIRST.index(shown_of[path]))
            self._take_path("download", tuple(left))
        shown = self._try_each(
            "find",
            (*self._candidates("find", "/packages"), *self._below("/package")),
            partial(self.asking.lookup, job=job),
        )
        if shown == {Shown.ABSENT} and self.environment.paths.find is not None:
            self._take_path("find", None)

    def _try_each(
        self, name: str, paths: Sequence[str], ask: Callable[[str], _Answer]
    ) -> AbstractSet[Shown]:
        """Try paths until one is good, which is taken; return what all showed."""
        found = set()
        for path in paths:
            answer = ask(path)
            found.add(self._note(f"paths.{name}", path, answer.shown, answer.words))
            # a lookup that is not proven would have lost jobs sent again: it stays out
            if answer.shown is Shown.WORKS or (answer.shown is Shown.THERE and name != "find"):
                self._take_path(name, path)
                break
        return found

    def _candidates(self, name: str, tail: str | None) -> Sequence[str]:
        """Return the paths to try: the configured one, the usual one, then others that may be."""
        known = (getattr(self.environment.paths, name), getattr(_USUAL, name))
        others = self._below(tail) if tail else ()
        return tuple(dict.fromkeys((*(path for path in known if path is not None), *others)))

    @staticmethod
    def _below(tail: str) -> Sequence[str]:
        return tuple(f"{base}{tail}" for base in _BASES)

    def _note(self, setting: str, value: str, shown: Shown, answer: str) -> Shown:
        self.done.append(Trial(setting=setting, value=value, shown=shown, answer=answer))
        return shown

    def _changed(self, **changes: object) -> Environment:
        return self.environment.model_copy(update=changes)

    def _take_path(self, name: str, value: object) -> None:
        """Go on with a path; where it is not the configured one it is proposed."""
        paths = self.environment.paths.model_copy(update={name: value})
        self.environment = self._changed(paths=paths)
