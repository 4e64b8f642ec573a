"""The digest by which a case is found by tracking number and mobile."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("tracking_hash", sa.String(length=64), nullable=True))
