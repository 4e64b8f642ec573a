"""SQL: tables, repositories that return domain values, migrations, the outbox.

``Database.begin`` opens a unit of work: one connection, one transaction, one repository per
aggregate (a module each). Rows never leave this room; what leaves are domain values and the values
of ``idp.ports``. Personal values are sealed by the port ``Vault`` and found by its digests (D13).
Time is always a parameter of a statement, never ``now()``. What gives a right once is one statement
whose row tells who won (D6). SQLite and PostgreSQL behave alike: ``tests/store`` runs on both.
"""
