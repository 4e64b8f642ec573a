"""Forms bound to the account that their page was shown to: browsers are shared (attack SE19).

The CSRF token is the browser's. It does not tell the citizen who read the page from one who has
signed in since, in another tab or at the same computer.
"""

import hmac

from flask import g

from idp.deps import deps
from idp.domain.sign_in.session import Session
from idp.web.forms.page_form import PageForm

ANOTHER = "another"
"""The flash on the page to which a form of another account redirects."""


def mark(session: Session) -> str:
    """Return the keyed digest by which a form names the account of ``session``."""
    return deps().vault.digest(session.account_id, purpose="account_of_a_form")


def mark_of_page() -> str:
    """Return the mark of the signed-in account that sees this page; empty without a session."""
    session: Session | None = g.get("hub_session")
    return mark(session) if session is not None else ""


def is_of(session: Session, form: PageForm) -> bool:
    """Return whether the form was shown to the account of ``session``."""
    return hmac.compare_digest(form.account.text.encode(), mark(session).encode())
