"""The lease of a target while it is written to, named as people know the target.

Belongs here: taking it for a block. Does not: how a lease is kept (`store`), the gate behind it
(`gate`, `standing`).
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from jira_pipeline.domain.export_ledger import Target
from jira_pipeline.errors import LeaseBusyError
from jira_pipeline.stages.jira_export.order import ExportOrder, ExportTools


@contextmanager
def held_lease(tools: ExportTools, order: ExportOrder, target: Target) -> Iterator[None]:
    """Hold the lease of a target until the block ends.

    Raises:
        LeaseBusyError: Another process holds it; the message names the site and project.
    """
    with ExitStack() as held:
        try:
            held.enter_context(tools.lease.hold(target.target_id, holder=order.holder))
        except LeaseBusyError as error:
            raise LeaseBusyError(target=target.name, holder=error.holder) from error
        yield
