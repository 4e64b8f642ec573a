"""Alembic's entry point. The connection is ``idp.store.migrate``'s; each revision is committed."""

from typing import Any

from alembic import context

from idp.store.migrate import CONNECTION, POSTGRESQL, TELL
from idp.store.sql.tables import metadata

connection, tell = (context.config.attributes[name] for name in (CONNECTION, TELL))


def applied(*, step: Any, **_: object) -> None:  # noqa: ANN401 (Alembic's)
    """Tell which revision is in the database now."""
    tell(f"{step.up_revision_id}: {step.up_revision.doc}")


context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=connection.dialect.name == POSTGRESQL,
    on_version_apply=applied,  # type: ignore[arg-type]  # it is called by keywords
)
with context.begin_transaction():
    context.run_migrations()
