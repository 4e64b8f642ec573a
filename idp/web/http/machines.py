"""Which addresses programs ask rather than people: their errors are JSON."""

OLD_TOKEN = "/auth/server/token"  # noqa: S105 (a path)
MACHINE_PATHS = (
    OLD_TOKEN,
    "/oauth2/token",
    "/oauth2/userinfo",
    "/oauth2/introspect",
    "/oauth2/revoke",
    "/oauth2/jwks",
    "/oauth2/register",
    "/.well-known/",
)


def is_for_machines(path: str) -> bool:
    """Tell whether a program asks at this path."""
    return path.startswith(MACHINE_PATHS)
