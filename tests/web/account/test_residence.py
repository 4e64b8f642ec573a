"""The page of the own residence."""

from datetime import timedelta

import pytest

from idp.domain.people.places import CITIES_BY_PROVINCE, IRAN, OTHER_CITY, Residence
from tests.web.account.conftest import signed_in
from tests.web.hub import words

PAGE = "/account/residence"
YAZD = CITIES_BY_PROVINCE["یزد"][0]
NEW = {"country": IRAN, "city": YAZD.code, "city_text": ""}


def residence(browser):
    with browser.hub.deps.begin(read_only=True) as work:
        return work.accounts.find("account-1").residence


def test_the_residence_is_changed_and_told(inside):
    page = inside.post(PAGE, NEW)
    assert page.request.path == "/account/data"
    assert "محل سکونت شما تغییر یافت." in words(page)
    assert [one.message_id for one in inside.hub.take_sms()] == ["residence_changed"]
    assert residence(inside) == Residence(IRAN, YAZD.name)


def test_the_history_tells_it(inside):
    inside.post(PAGE, NEW)
    assert "محل سکونت تغییر کرد" in words(inside.get("/account/history"))


def test_a_city_that_is_not_in_the_list_is_written(inside):
    inside.post(PAGE, NEW | {"city": OTHER_CITY, "city_text": "ده بالا"})
    assert residence(inside) == Residence(IRAN, "ده بالا")


def test_a_city_abroad_is_written(inside):
    inside.post(PAGE, {"country": "DE", "city": "", "city_text": "Köln"})
    assert residence(inside) == Residence("DE", "Köln")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (NEW, f"<option selected>{YAZD.name}</option>"),
        (NEW | {"city": OTHER_CITY, "city_text": "ده بالا"}, 'value="ده بالا"'),
        ({"country": "DE", "city": "", "city_text": "Köln"}, 'value="Köln"'),
    ],
    ids=["of the list", "not in the list", "abroad"],
)
def test_the_form_begins_with_what_is_known(inside, sent, shown):
    inside.post(PAGE, sent)
    page = inside.get(PAGE).text
    assert shown in page
    assert f'<option value="{sent["country"]}" selected>' in page


def test_what_was_refused_goes_before_what_is_known(inside):
    inside.post(PAGE, NEW)
    page = inside.post(PAGE, {"country": "DE", "city": "", "city_text": ""}).text
    assert '<option value="DE" selected>' in page
    assert f"<option selected>{YAZD.name}" not in page


def test_country_and_city_stand_in_the_order_of_the_data_page(inside):
    inside.post(PAGE, NEW)
    assert f"ایران، {YAZD.name}" in words(inside.get(PAGE))
    assert f"ایران، {YAZD.name}" in words(inside.get("/account/data"))


@pytest.mark.parametrize("path", [PAGE, "/account/data", "/account/data/print"])
def test_on_english_pages_the_country_is_english_and_the_city_persian(inside, path):
    inside.post(PAGE, NEW | {"city": OTHER_CITY, "city_text": "ده بالا"})
    inside.client.set_cookie("hub_language", "en", domain="127.0.0.1")
    page = inside.get(path)
    assert '<bdi lang="fa">ده بالا</bdi>' in page.text
    assert "ایران" not in page.text.partition('<form class="form"')[0]


@pytest.mark.parametrize("path", [PAGE, "/account/data"])
def test_the_country_is_called_as_in_the_organisations_list(make_hub, tmp_path, path):
    listed = tmp_path / "countries.json"
    listed.write_text('{"IR": "ایران", "DE": "ژرمانیا"}', "utf-8")
    browser = signed_in(make_hub(f'[registration]\ncountries_file = "{listed}"\n'))
    browser.post(PAGE, {"country": "DE", "city": "", "city_text": "Köln"})
    page = browser.get(path).text.partition("<form class=")[0]
    assert "ژرمانیا" in page


@pytest.mark.parametrize(
    "changes", [{"country": ""}, {"country": "XX"}, {"country": "IL"}, {"city": ""}, {"city": "0"}]
)
def test_the_rules_of_registration_hold(inside, changes):
    before = residence(inside)
    page = inside.post(PAGE, NEW | changes)
    assert page.status_code == 422
    assert residence(inside) == before


def test_attack_SE11_without_the_password_of_just_now_nothing_is_changed(inside):
    inside.hub.clock.move(timedelta(minutes=6))
    before = residence(inside)
    assert inside.post(PAGE, NEW).request.path == "/account/prove"
    assert residence(inside) == before


def test_attack_X01_another_site_changes_nothing(inside):
    before = residence(inside)
    sent = inside.client.post(PAGE, data=NEW, base_url="http://127.0.0.1:8000")
    assert sent.status_code == 403
    assert residence(inside) == before
