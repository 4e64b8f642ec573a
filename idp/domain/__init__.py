"""The rules, pure: values and decisions. No I/O, no clock, no framework.

Only the standard library and persiantools are imported here.
"""
