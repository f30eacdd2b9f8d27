"""A job of seven empty assets: what Dagster itself costs, to compare with."""

import dagster as dg


def _empty_asset(name: str, before: str | None) -> dg.AssetsDefinition:
    @dg.asset(name=name, deps=[before] if before else [])
    def empty() -> None:
        """Do nothing."""

    return empty


_NAMES = [f"empty_{number}" for number in range(1, 8)]

defs = dg.Definitions(
    assets=[
        _empty_asset(name, before)
        for name, before in zip(_NAMES, [None, *_NAMES[:-1]], strict=True)
    ],
    jobs=[dg.define_asset_job("seven_empty_assets", executor_def=dg.in_process_executor)],
)
