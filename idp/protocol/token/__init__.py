"""The token endpoint, introspection, revocation, and the tokens themselves."""
