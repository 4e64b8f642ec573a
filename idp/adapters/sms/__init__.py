"""SMS gateways. Texts and recipients never get into a log; message ids and result codes do."""
