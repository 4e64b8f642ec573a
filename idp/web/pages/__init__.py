"""Pages outside of flows: errors, maintenance, health, the root address."""
