import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.sign_in.origin import BROWSERS, PLATFORMS, origin_of

APPLE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15"


@pytest.mark.parametrize(
    ("agent", "browser", "platform"),
    [
        ("Mozilla/5.0 (Linux; Android 13) Chrome/120.0 Mobile Safari/537.36", "chrome", "android"),
        (
            "Mozilla/5.0 (Android 13; Mobile; rv:120.0) Gecko/120.0 Firefox/120.0",
            "firefox",
            "android",
        ),
        (
            "Mozilla/5.0 (Linux; Android 9) SamsungBrowser/9 Chrome/67 Safari/537",
            "samsung",
            "android",
        ),
        (f"{APPLE} Version/17.0 Mobile/15E148 Safari/604.1", "safari", "ios"),
        (f"{APPLE} CriOS/120.0 Mobile/15E148 Safari/604.1", "chrome", "ios"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537.36 Edg/120.0", "edge", "windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537.36 OPR/106.0", "opera", "windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17 Safari/605", "safari", "mac"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko Firefox/120.0", "firefox", "linux"),
        ("curl/8.5", "other", "other"),
        ("x" * 992 + " Safari/", "safari", "other"),
        ("x" * 993 + " Safari/", "other", "other"),
        ("", "other", "other"),
    ],
)
def test_family_and_platform_are_told_apart(agent, browser, platform):
    found = origin_of(agent, "")
    assert (found.browser, found.platform) == (browser, platform)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("5.1.2.3", "5.1.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("", ""),
        ("no address", ""),
    ],
)
def test_an_address_is_kept_as_its_network_only(address, network):
    assert origin_of("", address).network == network


@given(st.text(max_size=2000), st.text(max_size=60))
def test_no_text_breaks_it(agent, address):
    found = origin_of(agent, address)
    assert found.browser in BROWSERS
    assert found.platform in PLATFORMS
