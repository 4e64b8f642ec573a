"""SQL: tables, repositories that return domain values, migrations, the outbox.

``Database.begin`` opens a unit of work: one connection, one transaction, one repository per
aggregate (a module each). Rows never leave this package: repositories return domain values and the
values of ``idp.ports``. Personal values are sealed by the port ``Vault`` and found by its digests
(D13). Time is always a parameter of a statement, never ``now()``. A single-use right is taken by
one statement, whose row names the winner (D6). ``tests/store`` runs on SQLite and PostgreSQL.
"""
