"""Which signing keys each process of the hub publishes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_reports",
        sa.Column("process", sa.String(length=200), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published", sa.JSON(), nullable=False),
        sa.Column("idle", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("process", name="pk_key_reports"),
    )
