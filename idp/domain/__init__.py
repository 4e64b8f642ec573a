"""The domain rules as pure code: values and decisions. No I/O, no clock, no framework.

Third-party imports are persiantools and email-validator (syntax only).
"""
