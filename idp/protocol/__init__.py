"""OAuth 2 and OpenID Connect: the only room that imports authlib, joserfc and jwcrypto. A file per spec or endpoint."""
