"""The one function that makes authorization responses, success and error alike (D5)."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, urlencode

from idp.protocol.core.errors import Redirected, ResponseTarget
from idp.protocol.core.replies import FormPost, Redirect

QUERY, FRAGMENT, FORM_POST = "query", "fragment", "form_post"
RESPONSE_MODES = (QUERY, FRAGMENT, FORM_POST)


def send(target: ResponseTarget, issuer: str, parameters: Mapping[str, str]) -> Redirect | FormPost:
    """Return the response to the checked address with ``iss`` and the unchanged ``state``.

    The query of the registered redirect URI is kept.

    Source: RFC 6749 4.1.2, RFC 9207 2, Multiple Response Types 2.1, Form Post Response Mode 2.
    """
    fields = {**parameters, "iss": issuer}
    if target.state is not None:
        fields["state"] = target.state
    if target.mode == FORM_POST:
        return FormPost(target.redirect.uri, fields)
    if target.mode == FRAGMENT:
        return Redirect(f"{target.redirect.uri}#{_encoded(fields)}")
    return Redirect(with_query(target.redirect.uri, fields))


def send_error(failure: Redirected, issuer: str, beside: Mapping[str, str]) -> Redirect | FormPost:
    """Return the error response (RFC 6749 4.1.2.1), with the parameters ``beside`` the error."""
    parameters = {"error": failure.error, **beside}
    if failure.description:
        parameters["error_description"] = failure.description
    response = send(failure.target, issuer, parameters)
    if isinstance(response, FormPost):
        return response
    return replace(response, error=failure.error, description=failure.description)


def with_query(uri: str, parameters: Mapping[str, str]) -> str:
    """Return the registered address with more parameters; its own query is kept."""
    if not parameters:
        return uri
    separator = "&" if "?" in uri else "?"
    if uri.endswith(("?", "&")):
        separator = ""
    return f"{uri}{separator}{_encoded(parameters)}"


def _encoded(parameters: Mapping[str, str]) -> str:
    return urlencode(parameters, quote_via=quote, safe="")
