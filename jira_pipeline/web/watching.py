"""What programs that watch the installation ask: is it alive, is it ready, and its figures.

Belongs here: the addresses, and figures in Prometheus' form. Does not: gathering
(`flow/operations`, `store/figures`), pages for people (`pages/machines`).

Anybody may ask whether it is alive and ready: load balancers have no token, and the answers name
nothing. Figures name sites and models, and are for readers of all sessions.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.responses import JSONResponse, PlainTextResponse, Response

from jira_pipeline.errors import DagsterStartingError
from jira_pipeline.flow.operations import Workplaces, figures_of, readiness_of, workplaces_of
from jira_pipeline.kernel.shared_budgets import ANSWERED, WAITED_SECONDS, WAITS, SharedBudgetState
from jira_pipeline.ports.runs import KnownRun
from jira_pipeline.web.access import Reader
from jira_pipeline.web.context import TheWeb, Web

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from jira_pipeline.store.figures import ModelUse

router = APIRouter()
PREFIX = "jira_pipeline_"


@router.get("/health")
def health() -> Response:
    """Say that this process answers; nothing else is looked at."""
    return PlainTextResponse("alive\n")


@router.get("/ready")
def ready(web: TheWeb) -> Response:
    """Say whether requests can be answered: the store can be read, and Dagster is there."""
    found = readiness_of(web.pipeline)
    try:
        is_dagster_there = web.dagster.runs is not None
    except DagsterStartingError:
        is_dagster_there = False
    is_ready = not found.fault and is_dagster_there
    said = {
        "is_ready": is_ready,
        "store": "unusable" if found.fault else "usable",
        "dagster": "there" if is_dagster_there else "starting",
        "daemon": "none" if found.daemon is None else "running",
        "machines": found.machine_count,
    }
    return JSONResponse(said, status_code=200 if is_ready else 503)


@router.get("/metrics")
def metrics(web: TheWeb, _person: Reader) -> Response:
    """Return all figures, as Prometheus reads them."""
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - seldom used
    from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4  # noqa: PLC0415 - as above

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(web))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Figures:
    """Collects figures when they are asked for: every process reads the same ones in the store."""

    def __init__(self, web: Web) -> None:
        self._web = web

    def collect(self) -> Iterator["Metric"]:
        """Yield each figure with its meaning."""
        under_way = self._web.runs_under_way() or ()
        found = workplaces_of(self._web.pipeline, under_way)
        figures = figures_of(self._web.pipeline)
        yield _gauge(
            "sessions",
            "Sessions, by how far they are.",
            {
                ("stage", stage.value, "status", status.value): count
                for (stage, status), count in figures.session_counts.items()
            },
        )
        yield from self._runs(under_way, found)
        yield _gauge(
            "doubts_open",
            "Creations sent without a known answer, those under way included.",
            {(): figures.doubt_count},
        )
        yield from _of_models(figures.model_use)
        yield from _of_budgets(figures.budgets)

    def _runs(self, under_way: tuple[KnownRun, ...], found: Workplaces) -> Iterator["Metric"]:
        counts: dict[tuple[str, ...], float] = {}
        for run in under_way:
            labels = ("job", run.job_name, "status", run.status)
            counts[labels] = counts.get(labels, 0) + 1
        yield _gauge("runs", "Runs that wait or are at work.", counts)
        now = self._web.pipeline.clock.now()
        ages = [(now - run.created_at).total_seconds() for run in found.waiting]
        yield _gauge(
            "queue_age_seconds",
            "How long the run waits that waits longest; 0: none does.",
            {(): max([0.0, *ages])},
        )
        machines = [place.machine for place in found.places if place.machine is not None]
        states = [
            "refused" if one.refusal else "draining" if one.is_draining else "taking_runs"
            for one in machines
        ]
        yield _gauge(
            "machines",
            "Machines that are there, by whether they take runs.",
            {
                ("state", state): states.count(state)
                for state in ("taking_runs", "draining", "refused")
            },
        )
        yield _gauge(
            "machine_capacity",
            "Runs that machines can take at once.",
            {("machine", one.address): one.capacity for one in machines},
        )
        yield _gauge(
            "machine_runs",
            "Runs at work, by machine or host.",
            {
                ("machine", place.name if place.machine is None else place.machine.address): len(
                    place.runs
                )
                for place in found.places
            },
        )
        yield _gauge(
            "daemon_running",
            "Whether a program of ours runs the daemon.",
            {(): 0 if found.daemon is None else 1},
        )


def _of_models(uses: Iterable["ModelUse"]) -> Iterator["Metric"]:
    labelled = {("model", use.model, "outcome", use.outcome.value): use for use in uses}
    of_kept = "of sessions that are kept"
    yield _gauge(
        "model_requests",
        f"Requests to models, {of_kept}.",
        {labels: use.request_count for labels, use in labelled.items()},
    )
    yield _gauge(
        "model_tokens",
        f"Tokens that models read and wrote, {of_kept}.",
        {
            (*labels, "direction", direction): amount
            for labels, use in labelled.items()
            for direction, amount in (("in", use.tokens_in), ("out", use.tokens_out))
        },
    )
    yield _gauge(
        "model_cost_dollars",
        f"What models cost where the price is known, {of_kept}.",
        {labels: float(use.cost_usd) for labels, use in labelled.items()},
    )


def _of_budgets(budgets: Mapping[str, SharedBudgetState]) -> Iterator["Metric"]:
    yield _counter(
        "answers",
        "Answers of Jira, by class; `none`: there was no answer.",
        {
            ("service", name, "class", what.removeprefix(ANSWERED)): amount
            for name, state in budgets.items()
            for what, amount in state.totals.items()
            if what.startswith(ANSWERED)
        },
    )
    for words, figure, meaning in (
        (WAITS, "waits", "How often runs waited for their turn, or before they tried again."),
        (WAITED_SECONDS, "waited_seconds", "How long runs waited for that."),
    ):
        yield _counter(
            figure,
            meaning,
            {
                ("service", name): state.totals[words]
                for name, state in budgets.items()
                if words in state.totals
            },
        )
    yield _gauge(
        "budget_holders",
        "Runs that share what a service allows, now.",
        {("service", name): len(state.holders) for name, state in budgets.items()},
    )
    yield _gauge(
        "budget_pause_seconds",
        "How long runs wait now because the service asked for it.",
        {
            ("service", name, "scope", scope): until - state.at
            for name, state in budgets.items()
            for scope, until in state.pauses.items()
        },
    )


def _gauge(name: str, meaning: str, values: Mapping[tuple[str, ...], float]) -> "Metric":
    """Make a figure that goes up and down; labels are names and values by turns."""
    return _metric("gauge", name, meaning, values)


def _counter(name: str, meaning: str, values: Mapping[tuple[str, ...], float]) -> "Metric":
    """Make a figure that only goes up."""
    return _metric("counter", name, meaning, values)


def _metric(
    kind: str, name: str, meaning: str, values: Mapping[tuple[str, ...], float]
) -> "Metric":
    from prometheus_client.metrics_core import Metric  # noqa: PLC0415 - seldom used

    metric = Metric(f"{PREFIX}{name}", meaning, kind)
    suffix = "_total" if kind == "counter" else ""
    for labels, value in sorted(values.items()):
        pairs = dict(zip(labels[::2], labels[1::2], strict=True))
        metric.add_sample(f"{PREFIX}{name}{suffix}", pairs, value)
    return metric
