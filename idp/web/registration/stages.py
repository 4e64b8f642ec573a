"""The page that a registration is at, and what all its pages carry."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.people.mobile import operator_hint
from idp.services.registration.steps import Stage, Standing
from idp.web.forms import flow
from idp.web.forms.flow import claimed_id
from idp.web.http import cookies, pending
from idp.web.http.pending import PendingRequest
from idp.web.words import messages
from idp.web.words.portal_names import portal_name

_PAGES = {  # every other stage is shown on step one
    Stage.CODE: "register.code",
    Stage.DETAILS: "register.details",
    Stage.PROFESSION: "register.profession",
    Stage.PROFESSION_PENDING: "register.profession",
    Stage.LIMITED: "register.limited",
}


def current_standing() -> Standing:
    """Return where the registration of this request stands."""
    return deps().register.standing(claimed_id(), cookies.browser_id())


def onward(standing: Standing, **again: str) -> ResponseReturnValue:
    """Redirect to the page of the registration's stage, so that a reload repeats nothing.

    ``again`` goes into its address: another code was asked for.
    """
    if standing.record is None and request.method == "POST":  # the GET shows ``gone.html``
        return redirect(url_for("register.code", **{"flow": flow.NOBODYS, **carried()}), 303)
    if standing.record is None and not claimed_id():
        return redirect(url_for("register.show", **carried_context()), 303)
    if standing.record is None:
        return page_of("register/gone.html"), 410
    if standing.case is not None:
        receipt = deps().receipts.give(standing.case, cookies.browser_id())
        return redirect(url_for("progress.show", receipt=receipt, **carried_context()), 303)
    step_one = "register.physicians" if standing.record.as_physician else "register.show"
    target = _PAGES.get(standing.stage, step_one)
    query: dict[str, Any] = {flow.FIELD: standing.record.id, **carried_context(), **again}
    return redirect(url_for(target, **query), 303)


def carried() -> dict[str, Any]:
    """Return the query of a registration's pages: the flow id and the pending request."""
    flow_id = claimed_id()
    return {**({flow.FIELD: flow_id} if flow_id else {}), **carried_context()}


def operator_words(standing: Standing) -> str:
    """Return the hint for a number whose range another operator first held; never an error."""
    if standing.record is None:
        return ""
    first_holder = operator_hint(standing.record.mobile)
    return messages.text("N16") if first_holder not in {None, standing.record.operator} else ""


def page_of(template: str, **values: Any) -> str:  # noqa: ANN401 (what each template needs)
    """Render a page with the flow id and the pending request, for its forms and links."""
    waiting = _waiting()
    context = _context_query(waiting)
    rules = deps().settings.registration
    return render_template(
        template,
        phone_proof=rules.phone_proof,
        email_required=rules.email_required,
        context=context,
        carried={flow.FIELD: claimed_id(), **context},
        portal=portal_name(waiting.client) if waiting else "",
        **values,
    )


def _waiting() -> PendingRequest | None:
    """Return the pending request; None when it no longer opens: the registration continues."""
    return pending.peek()


def carried_context() -> dict[str, Any]:
    """Return the query with which a link carries the pending request; empty without one."""
    return _context_query(_waiting())


def _context_query(waiting: PendingRequest | None) -> dict[str, Any]:
    return {pending.FIELD: waiting.sealed} if waiting else {}
