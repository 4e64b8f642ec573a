"""Pages of no flow: errors, maintenance, the front door."""
