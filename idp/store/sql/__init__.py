"""What every repository stands on: tables, columns, statements, engines, transactions, sealing."""
