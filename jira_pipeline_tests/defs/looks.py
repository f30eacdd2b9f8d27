"""What Dagster shows of a session, and what its sensors ask for."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

Asked = dg.SensorResult | dg.SkipReason


def latest(
    instance: dg.DagsterInstance, asset: str, session_key: str | None = None
) -> dg.AssetMaterialization:
    """Return what was reported of an asset last, of one session where it is named."""
    wanted = dg.AssetRecordsFilter(
        asset_key=dg.AssetKey(asset), asset_partitions=[session_key] if session_key else None
    )
    [record] = instance.fetch_materializations(wanted, limit=1).records
    assert record.asset_materialization is not None
    return record.asset_materialization


def observed(instance: dg.DagsterInstance, asset: str) -> dg.AssetObservation:
    [record] = instance.fetch_observations(dg.AssetKey(asset), limit=5).records
    assert record.asset_observation is not None
    return record.asset_observation


def rows_of(metadata: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    table = metadata[name]
    assert isinstance(table, dg.TableMetadataValue)
    return [dict(record.data) for record in table.records]


def checked(
    instance: dg.DagsterInstance, asset: str, check: str
) -> tuple[dg.AssetCheckEvaluation, ...]:
    """Return the two last evaluations of a check, the latest first."""
    key = dg.AssetCheckKey(dg.AssetKey(asset), check)
    found = []
    for record in instance.event_log_storage.get_asset_check_execution_history(key, limit=2):
        assert record.event is not None
        assert record.event.asset_check_evaluation is not None
        found.append(record.event.asset_check_evaluation)
    return tuple(found)


def evaluated(
    instance: dg.DagsterInstance, sensor: dg.SensorDefinition, *, cursor: str | None = None
) -> Asked:
    with dg.build_sensor_context(instance=instance, cursor=cursor) as context:
        found = sensor(context)
    assert isinstance(found, dg.SensorResult | dg.SkipReason)
    return found


def requests_of(asked: Asked) -> list[tuple[str | None, str | None]]:
    return [(request.partition_key, request.job_name) for request in _requests(asked)]


def run_keys_of(asked: Asked) -> list[str | None]:
    return [request.run_key for request in _requests(asked)]


def _requests(asked: Asked) -> list[dg.RunRequest]:
    return [] if isinstance(asked, dg.SkipReason) else list(asked.run_requests or ())
