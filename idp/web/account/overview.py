"""The overview of the signed-in citizen's own account."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.people.account import Account
from idp.domain.people.mobile_change import ChangeState
from idp.domain.sign_in.session import Session
from idp.web.account.frame import SECTIONS, account_of, signed_in
from idp.web.account.portals import starts_of
from idp.web.forms import flashes, whose
from idp.web.http.languages import gettext, when

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the citizen, masked, the portals of the account, and the organisation's other ones."""
    session = signed_in()
    account = account_of(session)
    portals, services = deps().consent.portals(session), deps().consent.services(session)
    return render_template(
        "account/account.html",
        account=account,
        portals=portals,
        services=services,
        starts=starts_of([*portals, *services]),
        notices=_notices(session, account),
    )


def _notices(session: Session, account: Account) -> list[str]:
    """Return the warnings above the overview."""
    change, notices = deps().own.mobile.latest(session), []
    if flashes.told(of=session.account_id) == whose.ANOTHER:
        notices.append(
            gettext(
                "این صفحه برای حساب دیگری باز شده بود و تغییری انجام نشد. اکنون با حساب زیر وارد"
                " شده‌اید."
            )
        )
    if change is not None and change.state is ChangeState.WAITING:
        notices.append(gettext("مالکیت شماره تلفن همراه جدید شما در حال بررسی است."))
    until = account.recovery_held_until
    if until is not None and account.is_recovery_held(deps().clock()):
        held = gettext(
            "تلفن همراه یا سوال امنیتی حساب شما به تازگی تغییر یافته است."
            " بازیابی گذرواژه با کد تا %(until)s ممکن نیست."
            " اگر این تغییر از شما نیست، فوراً به نزدیکترین شعبه مراجعه کنید."
        )
        notices.append(held % {"until": when(until)})
    return notices


@bp.app_context_processor
def _sections() -> dict[str, object]:
    return {"account_sections": SECTIONS}
