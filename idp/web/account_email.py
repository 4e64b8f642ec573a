"""The own e-mail address, and the page that a link in a mail leads to."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.email_address import EmailAddress
from idp.web import returned_forms
from idp.web.account_frame import account_of, fresh, signed_in
from idp.web.forms import Submitted
from idp.web.languages import gettext
from idp.web.returned_forms import send_back

bp = Blueprint("account_email", __name__, url_prefix="/account/email")

TICKET = "ticket"
LONGEST_TICKET = 2000


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the address and whether it is confirmed."""
    account = account_of(signed_in())
    shown = returned_forms.shown()
    done = {
        "changed": gettext("آدرس ایمیل شما ثبت شد."),
        "sent": gettext("درخواست شما ثبت شد. لینک تأیید به آدرس ایمیل شما فرستاده می‌شود."),
    }
    page = render_template(
        "account/email.html",
        form=shown.form,
        account=account,
        is_on=deps().own.email.is_on,
        done=done.get(request.args.get("done", ""), ""),
    )
    return shown.answer(page)


@bp.post("")
def change() -> ResponseReturnValue:
    """Take another address; its link is on its way."""
    session = fresh("email", "email")
    form = Submitted(request.form)
    email = form.parse("email", gettext("آدرس ایمیل"), EmailAddress.parse)
    if email is None:
        return send_back(form, "account_email.show")
    deps().own.email.change(session, email)
    return redirect(url_for("account_email.show", done="changed"), 303)


@bp.post("/send")
def send() -> ResponseReturnValue:
    """Send the link again."""
    session = fresh("email")
    Submitted(request.form)  # refuses what is no form of ours
    deps().own.email.send_link(session)
    return redirect(url_for("account_email.show", done="sent"), 303)


@bp.get("/confirm")
def ask() -> ResponseReturnValue:
    """Show a button: opening the address confirms nothing, for programs open links too."""
    ticket = request.args.get(TICKET, "")[:LONGEST_TICKET]
    if not deps().own.email.is_good(ticket):
        return render_template("account/email_gone.html"), 400
    return render_template("account/email_confirm.html", ticket=ticket)


@bp.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Confirm the address; whoever reads its mails may, signed in or not."""
    Submitted(request.form)  # refuses what is no form of ours
    if not deps().own.email.confirm(request.form.get(TICKET, "")[:LONGEST_TICKET]):
        return redirect(url_for("account_email.ask"), 303)  # which says so
    return redirect(url_for("account_email.confirmed"), 303)


@bp.get("/confirmed")
def confirmed() -> ResponseReturnValue:
    """Say that it is done."""
    return render_template("account/email_confirmed.html")
