"""The outbox, and the delivery of logout tokens."""
