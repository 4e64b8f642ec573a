"""A repeated form (a double click) is answered with the redirect of the first one."""

from collections.abc import Callable
from typing import TypeVar, cast

from flask import Flask, Response, g, request
from werkzeug.datastructures import Headers

from idp.deps import deps
from idp.services.forms.repeated_forms import FormAnswer, FormRepeated
from idp.web.forms import proof_of_work
from idp.web.http import cookies, security

_LOOKED_UP_LATER = "_is_repetition_looked_up_later"
View = TypeVar("View", bound=Callable[..., object])


def looked_up_by_use_case(view: View) -> View:
    """Mark a view whose use case finds out whether its form is repeated, by ``key_for_use_case``.

    The question then shares a round trip with the use case's own steps.
    """
    setattr(view, _LOOKED_UP_LATER, True)
    return view


def key_for_use_case() -> str:
    """Return the key that the use case must look up; empty when ``answer_repetition`` has done."""
    return cast(str, g.pop("form_to_look_up", ""))


def register_handlers(app: Flask) -> None:
    """Register the handler of a form that its use case found to be repeated."""
    app.register_error_handler(FormRepeated, _answer)


def answer_repetition() -> Response | None:
    """Answer a repeated form as the first one was answered (before each request)."""
    if not security.is_our_form():
        return None
    repeats = deps().repeated_forms
    key = repeats.key(cookies.browser_id(), request.full_path, request.get_data(cache=True))
    if _is_looked_up_later():
        g.form_to_look_up = key
    else:
        first = repeats.answer_of_first(key)
        if first is not None:
            return _as_before(first)
    g.form_key = key
    repeats.begin()
    return None


def remember(response: Response) -> Response:
    """Keep a form's redirect and cookies for a repetition (last, after each request)."""
    key = g.pop("form_key", None)
    if key is None or key_for_use_case():  # nobody looked it up: nothing was done
        return response
    location = response.headers.get("Location")
    if location is None:
        deps().repeated_forms.forget(key)
    else:
        answer = FormAnswer(response.status_code, location, response.headers.getlist("Set-Cookie"))
        deps().repeated_forms.remember(key, answer)
    return response


def _is_looked_up_later() -> bool:
    """Return whether the view's use case does it: not for a held form, which burns its work."""
    return security.has_mark(_LOOKED_UP_LATER) and proof_of_work.HELD not in request.form


def _answer(repeated: FormRepeated) -> Response:
    g.pop("form_key", None)
    return _as_before(repeated.answer)


def _as_before(first: FormAnswer) -> Response:
    headers = Headers([("Location", first.location)])
    for cookie in first.cookies:
        headers.add("Set-Cookie", cookie)
    return Response(status=first.status, headers=headers)
