"""Alembic's entry point. The connection and its transaction are ``idp.store.migrate``'s."""

from alembic import context

import idp.store.audit_tables
import idp.store.development_tables  # noqa: F401 (its tables join the metadata)
from idp.store.migrate import CONNECTION
from idp.store.tables import metadata

context.configure(
    connection=context.config.attributes[CONNECTION],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
