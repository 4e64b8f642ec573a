"""Flask pages and endpoints: parse, call one use case, render.

Flask's ``request`` and ``session`` never leave this room.
"""
