"""Alembic's entry point. The connection and its transaction are ``idp.store.migrate``'s."""

from alembic import context

from idp.store.migrate import APPLIED, CONNECTION
from idp.store.sql.tables import metadata

context.configure(
    connection=context.config.attributes[CONNECTION],
    target_metadata=metadata,
    transactional_ddl=True,
    on_version_apply=lambda step, **_: context.config.attributes[APPLIED](step.up_revision_id),
)
with context.begin_transaction():
    context.run_migrations()
