"""Post, redirect, get: a refused form leads to its page, whose address brings it back.

No page of a flow is the answer to a POST. So a reload, Back, a tab that the phone threw away and
the address typed again all show the page as it is now, with what was typed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from types import MappingProxyType
from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from idp.deps import deps
from idp.ports import HashingBusy
from idp.services.forms.returned_forms import ReturnedForm
from idp.services.protection.owners_counters import TooMany
from idp.web.forms import whose
from idp.web.forms.fields import Submitted
from idp.web.http import cookies, languages
from idp.web.words import messages

FIELD = "form"
SECRETS = frozenset({"password", "password_again", "old_password", "code", "csrf_token"})
"""Never kept, not even sealed: passwords and codes are typed again."""
OF_THE_PAGE = frozenset({whose.FIELD})
"""What a page writes into its forms anew."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of a form: as it came back refused, or empty."""

    form: Submitted
    lead: str = ""
    status: int = 200
    retry_after: timedelta | None = None
    is_returned: bool = False

    def answer(self, page: str) -> Response:
        """Return the page with the status that the refused form had."""
        response = Response(page, self.status, mimetype="text/html")
        if self.retry_after is not None:
            response.headers["Retry-After"] = str(ceil(self.retry_after.total_seconds()))
        return response


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a form is refused: code of the message above it, true for ``wait``, and the status."""

    lead: str = ""
    status: int = 422
    wait: timedelta | None = None


WRONG_FIELDS = Refusal()
TYPED_BEFORE = Refusal(status=200)
"""Nothing is wrong: the page comes back with what had been typed."""


def of_busy(error: HashingBusy | TooMany, *, too_many: str = "too_many") -> Refusal:
    """Return the refusal of a form that can be sent again after a while: nothing typed is lost."""
    if isinstance(error, HashingBusy):
        return Refusal("busy", 503, error.retry_after)
    return Refusal(too_many, 429, error.retry_after)


def send_back(
    form: Submitted,
    endpoint: str,
    query: Mapping[str, str] = MappingProxyType({}),
    refusal: Refusal = WRONG_FIELDS,
) -> BaseResponse:
    """Answer a refused form with the way to its page, which shows it again."""
    wait = refusal.wait
    returned = ReturnedForm(
        typed={
            name: value for name, value in form.typed().items() if name not in SECRETS | OF_THE_PAGE
        },
        errors=form.errors,
        labels=form.labels(),
        good=sorted(form.good() - SECRETS),
        codes=form.codes,
        language=languages.current().value,
        lead=refusal.lead,
        status=refusal.status,
        until=(deps().clock() + wait).timestamp() if wait is not None else None,
    )
    kept = deps().returned_forms.keep(returned, url_for(endpoint), cookies.browser_id())
    values: dict[str, Any] = {**query, FIELD: kept}
    return redirect(url_for(endpoint, **values), 303)


def shown(
    empty: Submitted | None = None, read: Callable[[Submitted], object] | None = None
) -> Shown:
    """Return the form that the address of this page brings back; else ``empty``.

    In another language than it was refused in, ``read`` notes the errors of its fields anew; what
    cannot be told anew stays as it was told.
    """
    kept = request.args.get(FIELD, "")
    returned = (
        deps().returned_forms.find(kept, request.path, cookies.browser_id()) if kept else None
    )
    if returned is None:
        return Shown(empty or Submitted())
    form = Submitted(MultiDict(dict(returned.typed)))
    if returned.language == languages.current().value:
        form.restore(returned.errors, returned.labels, returned.good)
    else:
        _tell_anew(form, returned, read)
    now = deps().clock().timestamp()
    wait = timedelta(seconds=returned.until - now) if returned.until is not None else None
    return Shown(form, returned.lead, returned.status, wait, is_returned=True)


def _tell_anew(
    form: Submitted, returned: ReturnedForm, read: Callable[[Submitted], object] | None
) -> None:
    for name, code in returned.codes:
        form.tell(name, code)
    if returned.errors and not returned.codes and read is not None:
        read(form)
    # Secrets are not kept: to read anew that they are missing would be an error nobody made.
    form.errors = {name: form.errors.get(name, was) for name, was in returned.errors.items()}
    form.name_fields(returned.labels)
    for name in returned.good:
        form.approve(name)


def sentence(lead: str) -> str:
    """Return the message of a lead's code; nothing for none."""
    return messages.text(lead) if lead else ""
