"""OAuth 2 and OpenID Connect, a file per specification or endpoint.

The only package that imports authlib and joserfc.
"""
