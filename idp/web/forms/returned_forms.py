"""Post/Redirect/Get: a refused form redirects to its page, whose address restores the form.

No page of a flow is the answer to a POST. So a reload, Back, a tab that the phone discarded and
the address typed again all show the page as it is now, with what was typed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from flask import Response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from idp.deps import deps
from idp.ports import HashingBusy
from idp.services.forms.returned_forms import ReturnedForm
from idp.services.protection.owners_counters import TooMany
from idp.web.forms.page_form import PageForm
from idp.web.http import cookies, languages
from idp.web.words import messages, waits

FIELD = "form"
SUMMARY = "summary"
"""The id of the list of errors: the address of a refused form scrolls to it and focuses it."""
Form = TypeVar("Form", bound=PageForm)


@dataclass(frozen=True, slots=True)
class Shown(Generic[Form]):
    """What a page shows of a form: as it came back refused, or empty."""

    form: Form
    lead: str = ""
    status: int = 200
    retry_after: timedelta | None = None
    is_returned: bool = False

    @property
    def sentence(self) -> str:
        """The sentence above the form, with the wait that is left; empty without one."""
        wait = "" if self.retry_after is None else waits.in_words(self.retry_after, deps().clock())
        return messages.text(self.lead, wait=wait) if self.lead else ""

    def answer(self, page: str) -> Response:
        """Return the page with the status that the refused form had."""
        response = Response(page, self.status, mimetype="text/html")
        if self.retry_after is not None:
            response.headers["Retry-After"] = str(ceil(self.retry_after.total_seconds()))
        return response


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a form is refused: the message code above it, valid for ``wait``, and the HTTP status."""

    lead: str = ""
    status: int = 422
    wait: timedelta | None = None


WRONG_FIELDS = Refusal()


def of_busy(error: HashingBusy | TooMany, *, too_many: str = "too_many") -> Refusal:
    """Return the refusal of a form that can be sent again later: 503 or 429 with a wait."""
    if isinstance(error, HashingBusy):
        return Refusal("busy", 503, error.retry_after)
    return Refusal(too_many, 429, error.retry_after)


def send_back(
    form: PageForm,
    endpoint: str,
    query: Mapping[str, str] = MappingProxyType({}),
    refusal: Refusal = WRONG_FIELDS,
) -> BaseResponse:
    """Redirect a refused form to its page, which shows it again, but for secrets."""
    wait = refusal.wait
    returned = ReturnedForm(
        typed=form.typed(),
        errors=form.errors,
        good=form.good(),
        codes=form.codes(),
        language=languages.current().value,
        lead=refusal.lead,
        status=refusal.status,
        until=(deps().clock() + wait).timestamp() if wait is not None else None,
    )
    return _to_page(returned, endpoint, query)


def fill_in(typed: Mapping[str, str], endpoint: str) -> BaseResponse:
    """Redirect to a page with what was typed into its form before, without errors."""
    language = languages.current().value
    returned = ReturnedForm(typed, {}, [], [], language, lead="", status=200)
    return _to_page(returned, endpoint, {})


def _to_page(returned: ReturnedForm, endpoint: str, query: Mapping[str, str]) -> BaseResponse:
    kept = deps().returned_forms.keep(returned, url_for(endpoint), cookies.browser_id())
    values: dict[str, Any] = {**query, FIELD: kept}
    if returned.errors or returned.lead:
        values["_anchor"] = SUMMARY
    return redirect(url_for(endpoint, **values), 303)


def shown(make: Callable[..., Form], **values: str) -> Shown[Form]:
    """Return the refused form that this page's address restores; else one with ``values``.

    When the language has changed since, its errors are made anew in it; an error that cannot be
    made anew keeps its language.
    """
    kept = request.args.get(FIELD, "")
    returned = (
        deps().returned_forms.find(kept, request.path, cookies.browser_id()) if kept else None
    )
    if returned is None:
        return Shown(make(**values))
    form = make(MultiDict(dict(returned.typed)))
    errors = returned.errors
    if errors and returned.language != languages.current().value:
        errors = _told_anew(form, returned)
    form.restore(errors, returned.good)
    if returned.until is None:
        return Shown(form, returned.lead, returned.status, is_returned=True)
    wait = timedelta(seconds=returned.until - deps().clock().timestamp())
    if wait <= timedelta(0):  # it may be sent again: nothing refuses it any more
        return Shown(form, is_returned=True)
    return Shown(form, returned.lead, returned.status, wait, is_returned=True)


def _told_anew(form: PageForm, returned: ReturnedForm) -> dict[str, list[str]]:
    """Return the errors of the fields that had some, in the language of this page.

    Errors with a message code are translated by it: secrets and impossible texts are not kept, so
    they cannot be validated again.
    """
    coded: dict[str, list[str]] = {}
    for name, code in returned.codes:
        if name in form:  # else the form lost the field, as a physician's profession
            coded.setdefault(name, []).append(messages.text(code, field=form[name].words))
    form.validate()
    checked = {field.name: list(field.errors) for field in form.controls if field.is_kept}
    return {
        name: coded.get(name) or checked.get(name) or was for name, was in returned.errors.items()
    }
