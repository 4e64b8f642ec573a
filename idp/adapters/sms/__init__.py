"""SMS gateways. Logs have message ids and result codes, never texts or recipients."""
