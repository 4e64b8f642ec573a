"""What was typed into a form before the password was asked for again: sealed, and given back."""

import json
from collections.abc import Iterable

from flask import request
from werkzeug.datastructures import MultiDict

from idp.deps import deps
from idp.domain.sign_in.session import Session
from idp.ports import BrokenSeal
from idp.web.forms.fields import Submitted

FIELD = "kept"
PURPOSE = "kept_form"


def seal(session: Session, names: Iterable[str]) -> str:
    """Return these fields of the posted form, sealed for the session; nothing when all are empty.

    Passwords are not to be named: they are typed again.
    """
    form = Submitted(request.form)
    typed = {name: form.value(name) for name in names if form.value(name)}
    if not typed:
        return ""
    return deps().vault.seal(json.dumps(typed).encode(), purpose=PURPOSE, bound_to=session.id)


def take(session: Session) -> Submitted | None:
    """Return the form that the page of the password kept, or None."""
    sealed = request.form.get(FIELD, "")
    try:
        typed = deps().vault.open(sealed, purpose=PURPOSE, bound_to=session.id)
    except BrokenSeal:
        return None
    return Submitted(MultiDict(json.loads(typed)))
