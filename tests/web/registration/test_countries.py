"""Countries of residence that the form does not offer."""

import json
import re
from html import unescape

import pytest

from idp.settings import SettingsError
from idp.web.registration.countries import residence_name
from tests.web.hub import words
from tests.web.registration.walk import fill_in, step_two, to_step_two


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


def own_list(tmp_path, written: str) -> str:
    path = tmp_path / "countries.json"
    path.write_text(written, "utf-8")
    return f'[registration]\ncountries_file = "{path}"\n'


OWN = '{"IR": "ایران", "US": ["ایالات متحده", "امریکا", "ینگه دنیا"], "AF": "افغانستان"}'


def test_the_organisations_own_list_is_offered_in_its_order(make_hub, tmp_path):
    hub = make_hub(own_list(tmp_path, OWN))

    assert offered(hub.browser()) == ["IR", "US", "AF"]


def test_a_country_of_the_own_list_is_found_by_its_further_names(make_hub, tmp_path):
    page = to_step_two(make_hub(own_list(tmp_path, OWN)).browser())

    told = re.search(r'data-also="([^"]*)"', page.text).group(1)
    assert json.loads(unescape(told)) == {"US": ["امریکا", "ینگه دنیا"]}


def test_the_page_of_all_answers_calls_a_country_as_the_own_list_does(make_hub, tmp_path):
    browser = make_hub(own_list(tmp_path, OWN.replace("ایالات متحده", "ینگه‌دنیا"))).browser()
    page = fill_in(browser, to_step_two(browser), country="US", city="", city_text="Boston")
    assert "ینگه‌دنیا" in words(page)


def test_a_country_that_the_own_list_lacks_has_its_shipped_name(make_hub, tmp_path):
    own = make_hub(own_list(tmp_path, '{"IR": "ایران"}'))
    with own.app.test_request_context("/"):
        assert residence_name(own.deps.settings.registration, "DE") == "آلمان"


@pytest.mark.parametrize(("country", "status"), [("FR", 422), ("US", 200)])
def test_a_country_that_is_not_in_the_own_list_is_not_taken(make_hub, tmp_path, country, status):
    browser = make_hub(own_list(tmp_path, OWN)).browser()

    page = step_two(browser, to_step_two(browser), country=country, city="", city_text="Nowhere")

    assert page.status_code == status


def test_the_own_list_too_loses_what_is_not_offered(make_hub, tmp_path):
    extra = own_list(tmp_path, OWN) + 'countries_not_offered = ["AF"]\n'

    assert offered(make_hub(extra).browser()) == ["IR", "US"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{", "cannot be read"),
        ("[]", "must be a JSON object that has IR"),
        ('{"US": "آمریکا"}', "must be a JSON object that has IR"),
        ('{"IR": "ایران", "XX": "ناکجا"}', "XX is no code of ISO 3166-1"),
        ('{"IR": "ایران", "US": []}', "US must have a name"),
        ('{"IR": ""}', "IR must have a name"),
        ('{"IR": 7}', "IR must have a name"),
    ],
)
def test_a_wrong_list_stops_the_start(make_hub, tmp_path, written, told):
    with pytest.raises(SettingsError, match=told):
        make_hub(own_list(tmp_path, written))


def test_a_list_that_is_not_there_stops_the_start(make_hub):
    with pytest.raises(SettingsError, match=r"registration\.countries_file"):
        make_hub('[registration]\ncountries_file = "/nowhere/countries.json"\n')
