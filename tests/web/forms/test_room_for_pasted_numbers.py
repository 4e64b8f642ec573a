"""A number that is pasted with its spaces, dashes and marks of direction is not cut."""

import re

import pytest

from tests.web import tour_of_account, tour_of_registration, tour_of_sign_in

PASTED = "\u200e0098 912 643 6394\u200f"


def the_change_of_mobile(browser):
    tour_of_account.inside(browser)
    return browser.get("/account/mobile")


PAGES = {
    "sign-in": (tour_of_sign_in.the_login_page, "username"),
    "recovery": (tour_of_sign_in.the_recovery, "username"),
    "step one": (tour_of_registration.the_first_step, "national_id"),
    "step one, the phone": (tour_of_registration.the_first_step, "mobile"),
    "another phone": (the_change_of_mobile, "mobile"),
}


@pytest.mark.parametrize("place", PAGES)
def test_the_box_has_room_for_a_number_as_it_is_pasted(hub, place):
    visit, field = PAGES[place]
    page = visit(hub.browser()).text
    box = re.search(rf'<input[^>]*\bid="{field}"[^>]*>', page)
    assert box
    room = re.search(r'maxlength="(\d+)"', box[0])
    assert room
    assert int(room[1]) >= len(PASTED)
