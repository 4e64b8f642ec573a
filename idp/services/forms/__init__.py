"""Forms that come back, and forms that come twice."""
