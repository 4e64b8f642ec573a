"""OAuth 2 and OpenID Connect, a file per spec or endpoint.

The only room that imports authlib, joserfc and jwcrypto.
"""
