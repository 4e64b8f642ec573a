"""The audit, resealing under the newest keys, and the watch for clock skew."""
