"""The page of a submitted case: the state of now, in the browser that submitted or tracked it."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp import resources
from idp.deps import deps
from idp.domain.clients.client import Client
from idp.domain.registration.case_state import CaseState
from idp.services.messages.messages import Notice
from idp.services.registration.receipts import FoundCase
from idp.web.forms import flow
from idp.web.http import cookies, pending, sessions
from idp.web.http.pending import PendingGone, PendingRequest
from idp.web.registration import own_copy
from idp.web.registration.case_page import (
    CaseResult,
    case_clock,
    case_result,
    next_look,
    open_page,
)
from idp.web.words.portal_names import portal_name

bp = Blueprint("progress", __name__, url_prefix="/register")

RECEIPT, STILL = "receipt", "still"


@bp.get("/submitted")
def show() -> ResponseReturnValue:
    """Show the state of the case: first the guide's 48-hour page, at last the result.

    A receipt that no longer opens leads to the tracking of requests, for the case may be known.
    """
    receipt = request.args.get(RECEIPT, "")
    if not receipt:
        return redirect(url_for("register.code", **_args(flow.FIELD, pending.FIELD)), 303)
    found = deps().receipts.find(receipt, cookies.browser_id())
    if found is None:
        return redirect(url_for("track.show", **_args(pending.FIELD)), 303)
    sessions.seen_session()  # a page that reloads itself keeps no session alive
    return _page(found)


def _page(found: FoundCase) -> ResponseReturnValue:
    now, case = deps().clock(), found.case
    waiting, portal = _portal()
    result = case_result(found)
    values: dict[str, Any] = {
        "case": case,
        "is_tracked": found.is_tracked,
        "phone_proof": deps().settings.registration.phone_proof,
        "context": {pending.FIELD: waiting.sealed} if waiting else {},
        "asking": waiting.client if waiting else None,
        "portal": portal_name(waiting.client) if waiting else "",
        "left_portal": portal,
        "portal_home": pending.home_of(portal) if portal else "",
    }
    if result is not None:
        return _result_page(found, result, values)
    return render_template(
        f"register/{open_page(case, now)}.html",
        clock=case_clock(case, now),
        branch_text=resources.sms_text(Notice.BRANCH),
        claims_profession=bool(case.application and case.application.physician),
        next_look=next_look(case, now),
        finds_branch=case.state is CaseState.BRANCH and deps().branches.are_known(),
        is_still=STILL in request.args,
        here=_args(RECEIPT, pending.FIELD),
        **values,
    )


def _result_page(found: FoundCase, result: CaseResult, values: dict[str, Any]) -> Response:
    copy = own_copy.of_case(found)
    again = {own_copy.AGAIN: request.args[RECEIPT]} if copy else {}
    step_one = "register.physicians" if copy and copy.as_physician else "register.show"
    again_at = url_for(step_one, **{**again, **values["context"]})
    page = render_template(
        "register/result.html", result=result, is_copied=bool(copy), again_at=again_at, **values
    )
    response = make_response(page)
    if result.onward == "login.show":
        own_copy.drop(response)
    return response


def _portal() -> tuple[PendingRequest | None, Client | None]:
    """Return the request that waits; when it is too old, the portal to begin again at."""
    try:
        return pending.find(), None
    except PendingGone as gone:
        return None, gone.client


def _args(*names: str) -> dict[str, Any]:
    return {name: request.args[name] for name in names if name in request.args}
