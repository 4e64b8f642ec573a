"""Use cases: one class per thing a person (or the clock) can do. Constructors take ports."""
