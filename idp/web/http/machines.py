"""The paths that programs request, not browsers: their errors are JSON."""

from idp.protocol.core import endpoints

OLD_TOKEN = "/auth/server/token"  # noqa: S105 (a path)
MACHINE_PATHS = (
    OLD_TOKEN,
    endpoints.TOKEN,
    endpoints.USERINFO,
    endpoints.INTROSPECT,
    endpoints.REVOKE,
    endpoints.JWKS,
    endpoints.REGISTER,
    "/.well-known/",
)


def is_for_machines(path: str) -> bool:
    """Return whether programs request this path."""
    return path.startswith(MACHINE_PATHS)
