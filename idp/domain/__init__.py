"""The rules, pure: values and decisions. Standard library and persiantools only; no I/O, no clock, no framework."""
