"""What was typed into a form before reauthentication: kept sealed, and restored afterwards."""

import json

from idp.deps import deps
from idp.domain.sign_in.session import Session
from idp.ports import BrokenSeal
from idp.web.forms.page_form import PageForm

FIELD = "kept"
PURPOSE = "kept_form"


def seal(session: Session, form: PageForm) -> str:
    """Return what was typed into the form, sealed for the session; nothing when all is empty.

    Secrets are left out: the citizen types them again.
    """
    typed = form.typed()
    if not typed:
        return ""
    return deps().vault.seal(json.dumps(typed).encode(), purpose=PURPOSE, bound_to=session.id)


def take(session: Session, sealed: str) -> dict[str, str]:
    """Return what the reauthentication page kept, by field; empty for another session."""
    try:
        typed = deps().vault.open(sealed, purpose=PURPOSE, bound_to=session.id)
    except BrokenSeal:
        return {}
    kept: dict[str, str] = json.loads(typed)
    return kept
