"""Password recovery: code, security question, new password."""
