"""The registration case: its states, and the decision about it."""
