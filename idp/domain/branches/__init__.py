"""The branches of the organisation, where citizens go in person."""
