"""The worker: claim a job of the outbox, run it, try again later."""
