"""A repeated form (a double click) is answered with the redirect of the first one."""

from flask import Response, g, request
from werkzeug.datastructures import Headers

from idp.deps import deps
from idp.services.forms.repeated_forms import FormAnswer
from idp.web.http import cookies, security


def answer_repetition() -> Response | None:
    """Answer a repeated form as the first one was answered (before each request)."""
    if not security.is_our_form():
        return None
    repeats = deps().repeated_forms
    key = repeats.key(cookies.browser_id(), request.full_path, request.get_data(cache=True))
    first = repeats.answer_of_first(key)
    if first is not None:
        return _as_before(first)
    g.form_key = key
    return None


def remember(response: Response) -> Response:
    """Keep a form's redirect and cookies for a repetition (last, after each request)."""
    key = g.pop("form_key", None)
    if key is None:
        return response
    location = response.headers.get("Location")
    if location is None:
        deps().repeated_forms.forget(key)
    else:
        answer = FormAnswer(response.status_code, location, response.headers.getlist("Set-Cookie"))
        deps().repeated_forms.remember(key, answer)
    return response


def _as_before(first: FormAnswer) -> Response:
    headers = Headers([("Location", first.location)])
    for cookie in first.cookies:
        headers.add("Set-Cookie", cookie)
    return Response(status=first.status, headers=headers)
