"""Recovery of a password: code, security question, new password."""
