"""An index that finds the next job of a kind, however many of other kinds are due."""

import sqlalchemy as sa

from idp.store.online import add_index

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waiting = sa.text("state = 'waiting'")
    add_index(
        "ix_jobs_kind_run_at_id",
        "jobs",
        ["kind", "run_at", "id"],
        postgresql_where=waiting,
        sqlite_where=waiting,
    )
