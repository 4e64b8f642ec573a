"""SQL: tables, repositories that return domain values, migrations, the outbox. Rows never leave this room."""
