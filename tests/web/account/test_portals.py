import pytest

from tests.domain.clients.test_png import PICTURE
from tests.web.hub import words
from tests.web.sign_in.walk import add_client
from tests.web.tour_of_account import start_at_the_portal, visit_a_portal


def test_the_page_tells_what_a_portal_got_and_when(inside):
    hub = inside.hub
    with hub.deps.begin() as work:
        work.releases.note("account-1", "portal", ("sub", "email", "made_up"), hub.clock())
    shown = words(inside.get("/account/portals"))
    assert "سوابق بیمه" in shown
    assert "آدرس ایمیل" in shown
    assert "شناسه‌ای مخصوص این سامانه" in shown
    assert "made_up" in shown
    assert "اولین بار ۱ فروردین ۱۴۰۵" in shown


def test_what_a_portal_got_in_several_ways_is_told_once(inside):
    hub = inside.hub
    with hub.deps.begin() as work:
        work.releases.note("account-1", "portal", ("sub", "email"), hub.clock())
        work.releases.note("account-1", "portal", ("sub", "name"), hub.clock())
    shown = words(inside.get("/account/portals"))
    assert shown.count("اطلاعات دریافت‌شده:") == 1
    assert shown.count("شناسه‌ای مخصوص این سامانه") == 1


def test_a_portal_that_begins_sign_ins_is_linked_with_our_issuer(inside):  # OIDC Core 4
    visit_a_portal(inside)
    start_at_the_portal(inside)

    shown = inside.get("/account/portals").text
    issuer = "http%3A%2F%2F127.0.0.1%3A8000"
    assert f'href="https://portal.example/start?a=1&amp;iss={issuer}"' in shown


def test_who_visited_nothing_reads_that(inside):
    shown = words(inside.get("/account/portals"))
    assert "هنوز با این حساب وارد سامانه‌ای نشده‌اید." in shown
    assert "پس از قطع دسترسی" not in shown


@pytest.mark.parametrize("path", ["/account", "/account/portals"])
def test_who_visited_nothing_is_led_to_the_services_of_the_organisation(inside, path):
    offer(inside)
    assert 'href="https://records.example/"' in inside.get(path).text


def test_beside_services_there_is_no_empty_list_of_portals(inside):
    offer(inside)
    shown = words(inside.get("/account"))
    assert "سامانه‌های سازمان" in shown
    assert "سامانه‌هایی که به حساب شما دسترسی دارند" not in shown
    visit_a_portal(inside)
    shown = words(inside.get("/account"))
    assert "سامانه‌های دیگر سازمان" in shown
    assert "سامانه‌هایی که به حساب شما دسترسی دارند" in shown


def offer(browser, **members):
    uri = "https://records.example/"
    whole = {"client_id": "records", "name": "نسخه", "first_party": True, "client_uri": uri}
    add_client(browser.hub, **{**whole, **members})


def test_the_home_leads_to_the_services_of_the_organisation(inside):
    offer(inside)
    page = inside.get("/account")
    assert 'href="https://records.example/"' in page.text
    assert "نسخه" in words(page)


def test_it_names_nothing_where_there_are_none(inside):
    assert "سامانه‌های دیگر سازمان" not in words(inside.get("/account"))


def test_the_home_links_a_portal_that_the_citizen_was_at(inside):
    visit_a_portal(inside)
    start_at_the_portal(inside)
    issuer = "http%3A%2F%2F127.0.0.1%3A8000"
    assert (
        f'href="https://portal.example/start?a=1&amp;iss={issuer}"' in inside.get("/account").text
    )


def test_a_portal_without_an_address_is_named_alone(inside):
    visit_a_portal(inside)
    page = inside.get("/account")
    assert "سوابق بیمه" in words(page)
    assert 'href="https://portal.example' not in page.text


def test_a_service_says_what_it_is_for_and_where_it_is(inside):
    offer(inside, description="نسخه‌های خود را ببینید.")
    shown = words(inside.get("/account"))
    assert "نسخه‌های خود را ببینید." in shown
    assert "records.example" in shown


def test_a_service_has_its_english_name_and_sentence_on_english_pages(inside):
    english = {"name_en": "Prescriptions", "description_en": "See your prescriptions."}
    offer(inside, description="نسخه‌های خود را ببینید.", **english)
    inside.client.set_cookie("hub_language", "en", domain="127.0.0.1")
    shown = words(inside.get("/account"))
    assert "Prescriptions See your prescriptions." in shown
    assert "نسخه" not in shown


def test_a_service_has_its_logo(inside):
    offer(inside, logo=PICTURE, logo_version="1")
    assert 'src="/portals/records/logo-1.png"' in inside.get("/account").text


def test_a_portal_for_staff_is_not_offered_to_citizens(inside):
    offer(inside, listed=False)
    assert "records.example" not in inside.get("/account").text


def test_a_portal_of_others_is_not_offered(inside):
    offer(inside, first_party=False)
    assert "records.example" not in inside.get("/account").text
