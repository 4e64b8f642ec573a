"""What runs around each request: for pages everything, for programs what they need.

An endpoint is a page's unless its view says otherwise (``security.for_programs``). So does every
request that no view answers: its path is unknown, or its method wrong.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from idp.web.forms import fields, proof_of_work, repeated_forms
from idp.web.http import addresses, browser_state, compression, cookies, languages, security
from idp.web.http.measured_requests import ROUTE
from idp.web.pages import maintenance


@dataclass(frozen=True, slots=True)
class Hooks:
    """Functions in the order in which they run."""

    before: Sequence[Callable[[], ResponseReturnValue | None]]
    after: Sequence[Callable[[Response], Response]]


PROGRAMS = Hooks(
    before=(addresses.refuse_detours, fields.refuse_unreadable, maintenance.refuse),
    after=(security.add_headers,),
)
PAGES = Hooks(
    before=(
        addresses.refuse_detours,
        fields.refuse_unreadable,
        security.refuse_cross_site,
        languages.switch,
        repeated_forms.answer_repetition,
        proof_of_work.show_held,
        maintenance.refuse,
    ),
    after=(
        security.add_headers,
        browser_state.keep,
        cookies.sweep,
        cookies.keep_browser_id,
        compression.compress,
        repeated_forms.remember,
    ),
)


def register(app: Flask) -> None:
    """Register one function before and one after each request, which run the endpoint's hooks."""
    app.before_request(_before)
    app.after_request(_after)


def _before() -> ResponseReturnValue | None:
    """Name the request's route for the metrics; run the hooks until one of them answers."""
    if request.url_rule is not None:
        request.environ[ROUTE] = request.url_rule.rule
    for hook in _of_this_request().before:
        answer = hook()
        if answer is not None:
            return answer
    return None


def _after(response: Response) -> Response:
    for hook in _of_this_request().after:
        response = hook(response)
    return response


def _of_this_request() -> Hooks:
    return PROGRAMS if security.is_for_programs() else PAGES
