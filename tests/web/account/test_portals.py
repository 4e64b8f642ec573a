from tests.web.hub import words


def test_the_page_tells_what_a_portal_got_and_when(inside):
    hub = inside.hub
    with hub.deps.begin() as work:
        work.releases.note("account-1", "portal", ("sub", "email", "made_up"), hub.clock())
    shown = words(inside.get("/account/portals"))
    assert "سوابق بیمه" in shown
    assert "آدرس ایمیل" in shown
    assert "شناسه‌ای ویژه همین سامانه" in shown
    assert "made_up" in shown
    assert "نخستین بار ۱ فروردین ۱۴۰۵" in shown


def test_who_visited_nothing_reads_that(inside):
    assert "هنوز با این حساب وارد سامانه‌ای نشده‌اید." in words(inside.get("/account/portals"))
