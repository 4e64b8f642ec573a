"""An invitation to register a client: an initial access token (RFC 7591 3, OIDC Registration 3)."""

from dataclasses import dataclass, field
from datetime import datetime

INVITATION_PURPOSE = "initial_access_token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Who may register how many clients until when; only the bearer has the token itself."""

    id: str
    digest: str = field(repr=False)
    invited: str
    officer: str
    created_at: datetime
    expires_at: datetime
    uses_left: int
