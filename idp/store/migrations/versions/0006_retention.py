"""Where the audit begins after old entries were cut, and when accounts were closed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_cuts",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_cuts"),
    )
    op.create_table(
        "closed_accounts",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_closed_accounts"),
    )
    op.create_index("ix_closed_accounts_closed_at", "closed_accounts", ["closed_at"])
    op.execute(
        "INSERT INTO closed_accounts (account_id, closed_at)"
        " SELECT id, updated_at FROM accounts WHERE state = 'closed'"
    )
