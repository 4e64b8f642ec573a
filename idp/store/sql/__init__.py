"""What every repository uses: tables, columns, statements, engines, transactions, sealing."""
