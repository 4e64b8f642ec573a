"""Citizens: who they are, how they are reached, what they know."""
