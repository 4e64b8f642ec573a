"""Cookies of a sibling host, at the hub and at the server of Authlib's documentation."""

from urllib.parse import unquote

from tests.attack.both import at_both
from tests.attack.targets import Target, told


def silently(target: Target, cookies: str) -> str:
    """Return what a portal is told that asks silently at a browser with these cookies.

    ``NAME`` and ``VALUE`` in them are those of a living session.
    """
    kept = target.citizen.get_cookie("hub_session", domain="127.0.0.1")
    kept = kept or target.citizen.get_cookie("session", domain="127.0.0.1")
    browser = target.app.test_client(use_cookies=False)
    header = cookies.replace("NAME", kept.key).replace("VALUE", unquote(kept.value))
    browser.environ_base["HTTP_COOKIE"] = header
    return told(target.register().ask(browser, prompt="none"))


@at_both(hub="code", naive="login_required")
def test_attack_X15_a_planted_cookie_before_ours_locks_nobody_out(target, expected):
    assert silently(target, "NAME=planted; NAME=VALUE") == expected
