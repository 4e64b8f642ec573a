"""Flask pages and endpoints: parse, call one use case, render.

No other package reads Flask's ``request``; Flask's ``session`` is not used at all.
"""
