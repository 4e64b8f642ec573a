"""What the hub tells of itself: metrics, spans, the request that a line of the log belongs to.

Every layer may tell, as every layer may log; where it goes, ``idp.app`` says once in each process.
"""
