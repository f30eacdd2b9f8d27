"""Requests to models whose answer was not seen have an outcome of their own.

Revision 0012, after 0011.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Name those there are: of what failed, only they counted with a price."""
    op.execute(
        "UPDATE model_requests SET outcome = 'unseen' WHERE outcome = 'failed' AND cost_pico_usd > 0"
    )
