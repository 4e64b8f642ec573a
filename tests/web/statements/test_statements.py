"""Every statement of the citizens' guide, held against the running pages, in both modes.

tests/data/guide_statements.json numbers what the guide states or shows. ``CHECKS`` has for each
number what proves it; ``DEVIATIONS`` has those that are not so by design, with the reason, and what
holds in their place.
"""

import json
from dataclasses import dataclass

import pytest
from werkzeug.test import TestResponse

from idp.domain.registration.verdict import PhoneAnswer
from tests.factories import MOBILE, NATIONAL_ID
from tests.web.statements import acts, reading
from tests.web.statements.checks import (
    Check,
    asks_in_order,
    calls,
    has_button,
    has_in_place,
    hints,
    is_filled_in,
    is_headed,
    is_titled,
    links,
    lists,
    notes,
    quotes,
    requires,
    rules,
    says,
    sends,
    tells_between,
)
from tests.web.statements.ways import Way

STATEMENTS = {
    row["n"]: row
    for row in json.loads((reading.DATA / "guide_statements.json").read_text("utf-8"))["statements"]
}
MODES = {"default": False, "guide": True}
STEP_TWO = (
    *("family_name", "given_name", "national_id", "certificate_number", "serial", "series_letter"),
    *("birth_month", "gender", "question", "answer", "country", "city_choice", "email", "mobile"),
    *("password", "password_again"),
)
"""The sixteen fields of step two in the guide's order, those of several boxes by their first."""
REQUIRED = (
    *("family_name", "given_name", "certificate_number", "serial", "series", "birth", "gender"),
    *("question", "answer", "country", "city", "email", "password", "password_again"),
)
NO_PHONE = PhoneAnswer.MISMATCH


@dataclass(frozen=True)
class Deviation:
    """A statement that is not so by design: why, and what holds in its place."""

    why: str
    instead: Check


NOTHING_PRESELECTED = "who overlooks a list must not send a wrong choice: nothing is preselected"
SLIP_OF_THE_SCAN = "the pictures' foot is the vendor's credit, misread by the scan; it is a setting"
CODE_BETWEEN = "the code proves the phone before anything is told about a national ID"

DEVIATIONS: dict[str, dict[int, Deviation]] = {
    "guide": {
        28: Deviation(NOTHING_PRESELECTED, acts.no_operator_is_chosen_beforehand),
        31: Deviation(SLIP_OF_THE_SCAN, acts.the_foot_has_no_slip_of_the_scan),
    },
}
"""By mode: the two of both, and the default mode's own, which three statements show."""
DEVIATIONS["default"] = {
    **DEVIATIONS["guide"],
    33: Deviation(CODE_BETWEEN, acts.the_code_follows_then_step_two),
    123: Deviation(CODE_BETWEEN, acts.who_has_an_account_is_told_behind_the_code),
    148: Deviation(CODE_BETWEEN, acts.the_question_follows_the_code),
}

CHECKS: dict[int, Check] = {
    1: is_titled("guide", "guide.title"),
    2: acts.every_page_names_the_organisation,
    3: says("guide", "guide.intro.1"),
    4: says("guide", "guide.intro.2"),
    5: says("guide", "guide.intro.3"),
    6: says("guide", "guide.intro.4"),
    7: says("guide", "guide.how"),
    8: says("guide", "guide.redirect"),
    9: says("guide", "guide.click_register"),
    10: acts.a_portal_leads_to_the_hub,
    11: acts.one_account_opens_every_portal,
    12: links(0, "login.link.register", "/register"),
    13: asks_in_order("step one", ("national_id", "operator", "mobile")),
    14: says("guide", "guide.step1"),
    15: says("guide", "guide.step1.own"),
    16: says("guide", "guide.step1.click"),
    17: is_headed("step one", "portal.title"),
    18: is_titled("step one", "step1.title"),
    19: says("step one", "notice.lead"),
    20: notes("step one", 1),
    21: notes("step one", 2),
    22: notes("step one", 3),
    23: notes("step one", 4),
    24: calls("step one", "national_id", "field.nid"),
    25: calls("step one", "operator", "field.operator"),
    26: calls("step one", "mobile", "field.mobile"),
    27: lists("step one", "operator", "field.operator.mci", place=1),
    29: says("step one", "form.all_required"),
    30: has_button("step one", "btn.register"),
    32: requires("step one, empty", ("national_id", "operator", "mobile")),
    33: acts.step_two_follows_at_once,
    34: is_titled("step two", "step2.title"),
    35: notes("step two", 1),
    36: notes("step two", 2),
    37: notes("step two", 3),
    38: notes("step two", 4),
    39: notes("step two", 5),
    40: notes("step two", 6),
    41: asks_in_order("step two", STEP_TWO),
    42: calls("step two", "family_name", "step2.last_name"),
    43: calls("step two", "given_name", "step2.first_name"),
    44: calls("step two", "national_id", "step2.nid"),
    45: calls("step two", "certificate_number", "step2.cert_no"),
    46: calls("step two", "serial", "step2.serial"),
    47: calls("step two", "gender", "step2.gender"),
    48: calls("step two", "question", "step2.question"),
    49: calls("step two", "answer", "step2.answer"),
    50: calls("step two", "country", "step2.country"),
    51: calls("step two", "email", "step2.email"),
    52: calls("step two", "mobile", "step2.mobile"),
    53: calls("step two", "password", "step2.password"),
    54: calls("step two", "password_again", "step2.password2"),
    55: lists("step two", "series_letter", "step2.series.value"),
    56: lists("step two", "series_letter", "step2.series.value", place=1),
    57: acts.the_month_is_before_the_day,
    58: acts.months_have_names_and_days_are_a_list,
    59: lists("step two", "gender", "step2.gender.value"),
    60: lists("step two", "question", "step2.question.value", place=1),
    61: lists("step two", "country", "step2.country.value", place=0),
    62: lists("step two", "city_choice", "step2.city.value", place=0),
    63: has_in_place("email", "placeholder", "step2.email.value", page="step two"),
    64: is_filled_in("national_id", NATIONAL_ID.value),
    65: is_filled_in("mobile", MOBILE.national),
    66: hints("step two", "national_id", "callout.prefilled"),
    67: hints("step two", "question", "callout.question"),
    68: hints("step two", "password", "callout.password"),
    69: says("step two", "form.all_required"),
    70: requires("step two, empty", REQUIRED),
    71: has_button("step two", "btn.register"),
    72: says("guide", "guide.step2"),
    73: says("guide", "guide.step2.click"),
    74: says("guide", "guide.message"),
    75: says("submitted", "pending.lead"),
    76: says("submitted", "pending.1"),
    77: says("submitted", "pending.2"),
    78: says("submitted", "pending.3"),
    79: says("submitted", "pending.thanks"),
    80: says("submitted", "org.name"),
    81: acts.nobody_is_active_meanwhile,
    82: acts.the_result_comes_by_sms,
    83: acts.after_a_mismatch_one_may_register_again,
    84: acts.after_a_mismatch_the_page_no_longer_says_registered,
    85: says("guide", "note.identity"),
    86: says("guide", "note.identity2"),
    87: says("guide", "note.answer"),
    88: says("guide", "note.contact"),
    89: says("guide", "guide.secret"),
    90: says("guide", "guide.sample"),
    91: says("guide", "submitted.1"),
    92: says("guide", "submitted.2"),
    93: says("guide", "submitted.3"),
    94: says("guide", "note.retry"),
    95: says("guide", "guide.error1"),
    96: says("guide", "guide.error2"),
    97: says("guide", "note.pending"),
    98: says("guide", "guide.login"),
    99: says("guide", "recover.how"),
    100: says("guide", "recover.window"),
    101: acts.the_keyboard_is_named_beside_phone_and_address,
    102: rules("pw.title"),
    103: rules("pw.latin"),
    104: rules("pw.keyboard"),
    105: rules("pw.start"),
    106: rules("pw.classes"),
    107: rules("pw.length"),
    108: rules("pw.names"),
    109: rules("pw.charset"),
    110: acts.right_fields_are_marked,
    111: sends("activated"),
    112: sends("branch", phone=NO_PHONE),
    113: sends("mismatch", name_fits=False),
    114: quotes("activated"),
    115: says("guide", "sms.heading.activated"),
    116: quotes("branch"),
    117: says("guide", "sms.heading.branch"),
    118: quotes("mismatch"),
    119: says("guide", "sms.heading.mismatch"),
    120: says("step one, refused", "error.step1.invalid"),
    121: tells_between("step one, refused", "error.step1.invalid"),
    122: says("step one, of who has an account", "error.step1.duplicate"),
    123: acts.who_has_an_account_is_told_at_once,
    124: tells_between("step one, of who has an account", "error.step1.duplicate"),
    125: says("pending", "pending.lead"),
    126: says("pending", "pending.1"),
    127: says("pending", "pending.2"),
    128: says("pending", "pending.3"),
    129: says("pending", "pending.thanks"),
    130: is_titled("login", "login.title"),
    131: calls("login", "username", "login.username"),
    132: calls("login", "password", "login.password"),
    133: says("login", "login.method"),
    134: has_button("login", "login.submit"),
    135: says("login", "login.tip1"),
    136: says("login", "login.tip2"),
    137: says("login", "login.tip3"),
    138: says("login", "login.tip4"),
    139: says("login", "login.tip5"),
    140: acts.both_boxes_have_their_english_name,
    141: acts.four_links_stand_in_order,
    142: acts.there_is_an_on_screen_keyboard,
    143: acts.physicians_have_a_page,
    144: acts.who_is_activated_can_sign_in,
    145: acts.signing_out_ends_the_session_at_portals_too,
    146: acts.recovery_begins_at_the_login_page,
    147: acts.recovery_takes_the_national_id,
    148: acts.the_question_follows_at_once,
    149: acts.the_question_takes_answer_and_password,
    150: acts.a_wrong_answer_is_refused,
    151: acts.the_new_password_works,
    152: acts.the_guide_tells_how_to_recover,
}


@pytest.fixture(scope="module")
def shown() -> dict[str, dict[str, TestResponse]]:
    """The pages of each mode that a check has opened: reading them again changes nothing."""
    return {mode: {} for mode in MODES}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("number", STATEMENTS)
def test_the_statement_holds(make_hub, shown, number, mode):
    deviation = DEVIATIONS[mode].get(number)
    check = deviation.instead if deviation else CHECKS[number]
    check(Way(make_hub, MODES[mode], shown[mode]))


def test_every_statement_has_a_check_or_is_a_deviation_of_both_modes():
    both = DEVIATIONS["default"].keys() & DEVIATIONS["guide"].keys()
    assert CHECKS.keys() | both == STATEMENTS.keys() == set(range(1, 153))


def test_the_deviations_are_those_that_are_so_by_design():
    written = {number for number, row in STATEMENTS.items() if "by_design" in row}
    assert DEVIATIONS["default"].keys() == written
    assert DEVIATIONS["guide"].keys() == {
        number for number in written if not STATEMENTS[number]["guide"]
    }


def test_a_check_sees_when_its_page_says_something_else(make_hub, shown):
    with pytest.raises(AssertionError):
        says("login", "step1.title")(Way(make_hub, guide=False, shown=shown["default"]))
