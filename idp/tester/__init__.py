"""The acceptance tester of portals: a hub that answers wrongly on purpose, and what must happen.

Only ``idp portals try`` loads this package; the served hub has no switch that leads here.
"""
