"""What strangers did before: every counter that they can move is past its limit or mark."""

from collections.abc import Sequence
from datetime import timedelta

from werkzeug.test import TestResponse

from tests import factories
from tests.web.enumeration.strangers import (
    MINUTE,
    MOBILE,
    SIGNING_IN,
    Act,
    Step,
    field_of,
    newcomer,
    phone_of,
    post,
    recover,
    recover_again,
    recover_code,
    resend,
    sign_in,
    step_one,
    wrong_code,
)
from tests.web.hub import Browser, Hub
from tests.web.sign_in.held import flood

CODES = 12
"""More than go to one phone in a day; half of them more than go in an hour."""
WRONG_PASSWORDS = 10
"""Of one ID: more than are free of work; of all together more than are free to one network."""
TURNS = 100
"""Sold ahead of time at a flooded ID: they more than double the price of the next one."""
WRONG_ANSWERS = 6
TICKET = timedelta(seconds=21)
"""Two steps of the network's queue: the form's ticket has matured by then."""
TURN = timedelta(minutes=2)
"""All turns of a flood are over by then."""


def burn(hub: Hub, ids: Sequence[str], turns: int = 0) -> None:
    """Let strangers of one network use up what they can: passwords, recoveries, codes to phones.

    Codes to the phones of these IDs are asked for at recoveries, which name the ID, and at
    registrations of other IDs, which name the phone. ``hub`` asks them for no work.

    ``turns``: so many are sold ahead of time at each ID.
    """
    for number, national_id in enumerate(ids):
        for _ in range(WRONG_PASSWORDS):
            sign_in(newcomer(hub), national_id)
        for _ in range(CODES // 2):
            recover(newcomer(hub), national_id)
        _ask_codes(hub, phone_of(national_id), number, CODES // 2)
        if turns:
            flood(hub, turns, national_id)
    _ask_codes(hub, MOBILE, len(ids), CODES)


def burn_answers(hub: Hub, ids: Sequence[str]) -> None:
    """Use up the answers, which strangers can where the guide asks for no code before them."""
    for national_id in ids:
        for _ in range(WRONG_ANSWERS):
            browser = newcomer(hub)
            wrong_answer(browser, national_id, recover(browser, national_id))


def _ask_codes(hub: Hub, phone: str, number: int, times: int) -> None:
    other = factories.with_check_digit(f"98{8_000_001 + number:07}")
    form = {"national_id": other, "operator": "mci", "mobile": phone}
    for _ in range(times):
        post(newcomer(hub), "/register", form)


def wrong_answer(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
    password = {"password": "Abi5678klm", "password_again": "Abi5678klm"}
    form = {"flow": field_of(before, "flow"), "answer": "سبز", **password}
    return post(browser, "/recover/password", form)


def sent_on(path: str) -> Act:
    """Return the act that sends on a form that was held, after its wait."""

    def act(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
        return post(browser, path, {"held": field_of(before, "held")})

    return act


SIGNING_IN_WITH_WORK = (
    Step("sign-in, work is asked", sign_in),
    Step("sign-in, after the work", sent_on("/login"), TICKET),
)
REGISTERING_WITH_WORK = (
    Step("registration, work is asked", step_one),
    Step("registration, after the work", sent_on("/register"), TICKET),
    Step("registration, wrong code", wrong_code),
    Step("registration, code again", resend, MINUTE),
)
RECOVERING_WITH_WORK = (
    Step("recovery, work is asked", recover),
    Step("recovery, after the work", sent_on("/recover"), TICKET),
    Step("recovery, wrong code", recover_code),
    Step("recovery, code again", recover_again, MINUTE),
)
WITH_WORK = (SIGNING_IN_WITH_WORK, REGISTERING_WITH_WORK, RECOVERING_WITH_WORK)
FLOODED = (
    Step("", sign_in),
    Step("sign-in, a turn costs more work", sent_on("/login"), TICKET),
    Step("sign-in, after its turn", sent_on("/login"), TURN),
)
RECOVERING_BY_THE_GUIDE = (
    Step("recovery, national ID", recover),
    Step("recovery, wrong answer", wrong_answer),
)
BY_THE_GUIDE = (SIGNING_IN, RECOVERING_BY_THE_GUIDE)
FLOODED_BY_THE_GUIDE = (
    Step("sign-in, waits for its turn", sign_in),
    Step("sign-in, after its turn", sent_on("/login"), TURN),
)
