"""Forms that act for the account they name: bound to it, for browsers are shared (attack SE19).

The token against forged requests is the browser's. It does not tell the person who read the page
from the one who has signed in since, in another tab or at the same computer.
"""

import hmac

from flask import g

from idp.deps import deps
from idp.domain.sign_in.session import Session
from idp.web.forms.page_form import PageForm

ANOTHER = "another"
"""What the page says that a form of another account leads to (a flash)."""


def mark(session: Session) -> str:
    """Return what a form carries to name the account of ``session``; it tells nobody which."""
    return deps().vault.digest(session.account_id, purpose="account_of_a_form")


def mark_of_page() -> str:
    """Return the mark of who is signed in where this page is shown; nothing where nobody is."""
    session: Session | None = g.get("hub_session")
    return mark(session) if session is not None else ""


def is_of(session: Session, form: PageForm) -> bool:
    """Return whether the form was shown to the account of ``session``."""
    return hmac.compare_digest(form.account.text.encode(), mark(session).encode())
