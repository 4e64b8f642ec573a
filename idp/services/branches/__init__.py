"""The branches: replaced by administrators, found by citizens."""
