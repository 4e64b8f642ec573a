"""Countries of residence that the form does not offer."""

import re

import pytest

from tests.web.hub import words
from tests.web.registration.walk import step_two, to_step_two


def offered(browser):
    page = to_step_two(browser).text.partition('name="country"')[2].partition("</select>")[0]
    return re.findall(r'<option value="([A-Z]{2})"', page)


def test_countries_of_the_setting_are_not_offered(make_hub):
    hub = make_hub('[registration]\ncountries_not_offered = ["AF", "FR"]\n')

    assert {"AF", "FR"}.isdisjoint(offered(hub.browser()))


def test_all_other_countries_are_offered(make_hub):
    hub = make_hub("[registration]\ncountries_not_offered = []\n")

    assert len(offered(hub.browser())) == 249


@pytest.mark.parametrize(("country", "status"), [("IL", 422), ("FR", 200)])
def test_a_country_that_is_not_offered_is_not_taken(hub, country, status):
    browser = hub.browser()

    page = step_two(browser, to_step_two(browser), country=country, city="", city_text="Nowhere")

    assert page.status_code == status, words(page)
