"""The endpoints of OAuth 2 and OpenID Connect."""
