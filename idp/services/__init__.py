"""Use cases: one class per act of a person or job of the worker. Constructors take ports."""
