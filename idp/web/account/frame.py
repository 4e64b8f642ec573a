"""What the account pages share: the session, the reauthentication, the navigation."""

from collections.abc import Callable, Mapping

from flask import abort, make_response, redirect, request, url_for

from idp.deps import deps
from idp.domain.people.account import Account
from idp.domain.sign_in.session import Session
from idp.web.forms import flashes, kept_form, whose
from idp.web.forms.page_form import ButtonForm, PageForm
from idp.web.http import sessions
from idp.web.http.languages import mark
from idp.web.http.visitors import to_login

SECTIONS = (
    ("account.show", mark("نمای کلی")),
    ("account_security.show", mark("امنیت")),
    ("account_portals.show", mark("سامانه‌ها")),
    ("account_history.show", mark("تاریخچه")),
    ("account_data.show", mark("اطلاعات من")),
)
"""Endpoints of the sections and their names, in the order of the navigation."""

WAYS_BACK: Mapping[str, str] = {
    "security": "account_security.show",
    "data": "account_data.show",
    "print": "account_data.show_all",
    "email": "account_email.show",
    "mobile": "account_mobile.show",
    "question": "account_question.show",
    "residence": "account_residence.show",
    "not_me": "account_security.ask_not_me",
}
"""Where the reauthentication page may lead: named endpoints, never an address (attack X01)."""


def signed_in() -> Session:
    """Return the session; without one, redirect to the login page.

    A form that was shown to another account redirects to the overview, which says so.
    """
    session = sessions.current_session()
    if session is None:
        abort(make_response(to_login()))
    if request.method == "POST" and not whose.is_of(session, ButtonForm(request.form)):
        told = flashes.leads_to("account.show", whose.ANOTHER, of=session.account_id)
        abort(redirect(told, 303))
    return session


def fresh(way_back: str, posted: Callable[..., PageForm] | None = None) -> Session:
    """Return the session if its reauthentication is recent; else redirect to the password page.

    That page leads to ``way_back``, and keeps what was typed into the form ``posted`` meanwhile.
    """
    session = signed_in()
    if not deps().own.again.is_fresh(session):
        kept = kept_form.seal(session, posted(request.form)) or None if posted else None
        abort(redirect(url_for("account_password.ask", to=way_back, kept=kept), 303))
    return session


def username_of(session: Session) -> str:
    """Return the user name for password managers: the national ID, or nothing.

    Nothing without a recent reauthentication: account pages mask the ID, and a manager would save a
    masked one as another account. It then fills the field itself.
    """
    return account_of(session).national_id.value if deps().own.again.is_fresh(session) else ""


def account_of(session: Session) -> Account:
    """Return the session's account; redirect to the login page when it is gone."""
    with deps().begin(read_only=True) as work:
        account = work.accounts.find(session.account_id)
    if account is None:
        abort(make_response(to_login()))
    return account
