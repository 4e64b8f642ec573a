"""The change of the own residence."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from idp.deps import deps
from idp.domain.people.places import IRAN, OTHER_CITY, Residence, city_named
from idp.web.account.frame import account_of, fresh
from idp.web.forms import flashes, returned_forms
from idp.web.forms.returned_forms import send_back
from idp.web.http.visitors import to_login
from idp.web.registration import countries
from idp.web.registration.choices import residence_lists
from idp.web.registration.forms import ResidenceForm

bp = Blueprint("account_residence", __name__, url_prefix="/account/residence")

CHANGED = "residence"


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the present residence, and the form for another one."""
    session = fresh("residence")
    rules, now = deps().settings.registration, account_of(session).residence
    shown = returned_forms.shown(_form(now))
    page = render_template(
        "account/residence.html",
        form=shown.form,
        now=now,
        country_now=countries.residence_name(rules, now.country) if now else "",
        lists=residence_lists(rules),
    )
    return shown.answer(page)


@bp.post("")
def change() -> ResponseReturnValue:
    """Save the residence."""
    make = _form()
    session = fresh("residence", make)
    form = make(request.form)
    if not form.validate():
        return send_back(form, "account_residence.show")
    if not deps().own.residence.change(session, form.city.data):
        return to_login()
    told = flashes.leads_to("account_data.show", CHANGED, of=session.account_id)
    return redirect(told, 303)


def _form(now: Residence | None = None) -> Callable[..., ResidenceForm]:
    """Return what makes the form: of what was typed, else of the residence ``now``."""
    rules = deps().settings.registration
    make = partial(ResidenceForm, not_offered=countries.not_offered(rules))
    known = _typed_for(now) if now else None
    return lambda typed=known: make(typed)


def _typed_for(home: Residence) -> MultiDict[str, str]:
    """Return what the form would have been sent with for this residence."""
    if home.country == IRAN and city_named(home.city):
        return MultiDict({"country": home.country, "city": home.city})
    other = OTHER_CITY if home.country == IRAN else ""
    return MultiDict({"country": home.country, "city": other, "city_text": home.city})
