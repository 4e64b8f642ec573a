"""The own e-mail address, and the page that a link in a mail leads to."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.people.email_address import EmailAddress
from idp.domain.sign_in.session import Session
from idp.services.account.confirm_email import Change
from idp.web.account.frame import account_of, fresh, signed_in
from idp.web.forms import flashes, returned_forms
from idp.web.forms.fields import Hidden, Parsed
from idp.web.forms.page_form import ButtonForm, PageForm
from idp.web.forms.returned_forms import send_back
from idp.web.http import cookies
from idp.web.http.languages import gettext, mark

bp = Blueprint("account_email", __name__, url_prefix="/account/email")

TICKET = "ticket"
LONGEST_TICKET = 2000
CONFIRMED = "confirmed"
DONE: Mapping[str, str] = {
    Change.SENT.name: mark("آدرس ایمیل شما ثبت شد. لینک تأیید به آن ارسال می‌شود."),
    Change.HELD_BACK.name: mark("آدرس ایمیل شما ثبت شد، اما لینک تأیید به آن ارسال نشد."),
    Change.NONE.name: mark("این آدرس قبلاً ثبت شده است و تغییری انجام نشد."),
    "sent": mark("درخواست شما ثبت شد. لینک تأیید به آدرس ایمیل شما ارسال می‌شود."),
}
"""What the page says about the act that led to it."""


class EmailForm(PageForm):
    """The new address."""

    email = Parsed(mark("آدرس ایمیل"), EmailAddress.parse)


class ConfirmForm(PageForm):
    """The ticket of the confirmation link."""

    ticket = Hidden(longest=LONGEST_TICKET)


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the address and whether it is confirmed."""
    session = signed_in()
    shown = returned_forms.shown(EmailForm)
    done = DONE.get(flashes.told(of=session.account_id), "")
    page = render_template(
        "account/email.html",
        form=shown.form,
        account=account_of(session),
        is_on=deps().own.email.is_on,
        links=deps().own.email.links_of(session),
        done=gettext(done) if done else "",
    )
    return shown.answer(page)


@bp.post("")
def change() -> ResponseReturnValue:
    """Save the new address; its confirmation link goes out by mail, within the day's limit."""
    session = fresh("email", EmailForm)
    form = EmailForm(request.form)
    if not form.validate():
        return send_back(form, "account_email.show")
    change = deps().own.email.change(session, form.email.data)
    return redirect(_tells(change.name, session), 303)


@bp.post("/send")
def send() -> ResponseReturnValue:
    """Send the confirmation link again; past the limit, the page says when the next one can go."""
    session = fresh("email")
    ButtonForm(request.form)  # 400 for a field that was sent twice
    is_sent = deps().own.email.send_link(session)
    return redirect(_tells("sent", session) if is_sent else url_for("account_email.show"), 303)


@bp.get("/confirm")
def ask() -> ResponseReturnValue:
    """Show the confirmation button: a GET confirms nothing, for programs open links too."""
    ticket = request.args.get(TICKET, "")[:LONGEST_TICKET]
    address = deps().own.email.address_of(ticket)
    if address is None:
        return render_template("account/email_gone.html"), 400
    return render_template("account/email_confirm.html", ticket=ticket, address=address.masked())


@bp.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Confirm the address of the ticket; no session is needed."""
    address = deps().own.email.confirm(ConfirmForm(request.form).ticket.data)
    if address is None:
        return redirect(url_for("account_email.ask"), 303)  # shows that the link is not good
    act = f"{CONFIRMED}:{address.masked()}"
    return redirect(flashes.leads_to("account_email.confirmed", act, of=cookies.browser_id()), 303)


@bp.get("/confirmed")
def confirmed() -> ResponseReturnValue:
    """Say that the address is confirmed, only in the browser that confirmed it."""
    told = flashes.told(of=cookies.browser_id(), within=None)
    act, _, address = told.partition(":")
    if act != CONFIRMED or not address:
        return redirect(url_for("account_email.show"), 303)
    return render_template("account/email_confirmed.html", address=address)


def _tells(act: str, session: Session) -> str:
    return flashes.leads_to("account_email.show", act, of=session.account_id)
