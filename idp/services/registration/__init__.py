"""Registration: the two steps, the decision, the profession, the roles."""
