"""What a sibling host can do with cookies under our names: attacks X14 and X15."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.domain.wire import LARGEST_HEADER_LINE
from tests import factories
from tests.statements import statements
from tests.web.hub import ORIGIN, Browser, hidden
from tests.web.sign_in.walk import (
    PASSWORD,
    USER,
    add_account,
    add_client,
    context_of,
    log_in,
)

BLANKS_OF_PYTHON = ["\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\xa0", "\x0b", "\x0c"]
PLANTED = "P" * 43
HOST = "account.tamin.example"
SECURE = f'[server]\nissuer = "https://{HOST}"\ntrusted_hosts = ["{HOST}"]\n'


@pytest.fixture
def inside(make_hub) -> Browser:
    """A browser that is signed in."""
    hub = make_hub(guide=True)
    add_account(hub)
    add_client(hub, first_party=True)
    browser = hub.browser()
    log_in(browser)
    return browser


@pytest.fixture
def attackers(inside) -> str:
    """The live session of somebody else, who knows its cookie."""
    add_account(
        inside.hub,
        id="account-2",
        national_id=factories.OTHER_NATIONAL_ID,
    )
    other = inside.hub.browser()
    log_in(other, username=factories.OTHER_NATIONAL_ID.value)
    return other.cookie("hub_session")


def ask(browser: Browser, header: str, path: str = "/account"):
    client = browser.hub.app.test_client(use_cookies=False)
    return client.get(path, base_url=ORIGIN, headers={"Cookie": header})


def post(browser: Browser, header: str, form: dict[str, str], path: str = "/login"):
    client = browser.hub.app.test_client(use_cookies=False)
    return client.post(path, data=form, base_url=ORIGIN, headers={"Cookie": header})


@pytest.mark.parametrize("blank", BLANKS_OF_PYTHON)
def test_attack_X14_a_name_that_begins_with_a_blank_of_python_is_not_ours(inside, blank):
    token = inside.cookie("hub_session")
    assert ask(inside, f"a=b; {blank}hub_session={token}").location == "/login"


@pytest.mark.parametrize("blank", BLANKS_OF_PYTHON)
def test_attack_X14_nor_is_one_that_ends_with_it(inside, blank):
    token = inside.cookie("hub_session")
    assert ask(inside, f"hub_session{blank}={token}").location == "/login"


def test_attack_X14_space_and_tab_are_blanks(inside):  # RFC 6265 4.2.1, RFC 9110 5.6.3
    token = inside.cookie("hub_session")
    assert ask(inside, f"a=b;\t hub_session={token} ").status_code == 200


@pytest.mark.parametrize("blank", BLANKS_OF_PYTHON)
@pytest.mark.parametrize("word", ["scope", "prompt", "response_type"])
def test_attack_X14_such_a_byte_parts_no_words_of_a_request(inside, word, blank):
    """The same kind: a list of words is parted by spaces alone (RFC 6749 3.3)."""
    lists = {"scope": f"openid{blank}profile", "prompt": f"login{blank}consent"}
    value = lists.get(word, f"code{blank}id_token")
    query = {
        "client_id": "portal",
        "response_type": "code",
        "redirect_uri": "https://portal.example/callback",
        "scope": "openid",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        word: value,
    }
    client = inside.hub.app.test_client()
    answer = client.get("/oauth2/authorize", base_url=ORIGIN, query_string=query)
    assert answer.status_code == 400 or "error=" in answer.location


PLANTS = ["hub_session=x; {0}", "{0}; hub_session=x", f"hub_session={PLANTED}; {{0}}", "{0}; {0}"]


@pytest.mark.parametrize("plant", PLANTS)
def test_attack_X15_a_planted_cookie_does_not_sign_out(inside, plant):
    ours = f"hub_session={inside.cookie('hub_session')}"
    assert ask(inside, plant.format(ours)).status_code == 200


@pytest.mark.parametrize("is_first", [True, False])
def test_attack_X15_of_two_living_sessions_neither_counts(inside, attackers, is_first):
    """Nobody can tell whose browser it is, so it is nobody's: never another citizen's."""
    both = [f"hub_session={inside.cookie('hub_session')}", f"hub_session={attackers}"]
    header = "; ".join(reversed(both) if is_first else both)
    assert ask(inside, header).location == "/login"


def test_attack_X15_and_who_signs_in_then_is_not_shut_out(inside, attackers):
    """The planted cookie stays, but its session has ended."""
    browser = f"hub_browser={inside.cookie('hub_browser')}"
    header = f"{browser}; hub_session={attackers}; hub_session={inside.cookie('hub_session')}"
    form = {"csrf_token": inside.csrf_token(), "username": USER, "password": PASSWORD}
    entered = post(inside, header, form)
    new = next(one for one in entered.headers.getlist("Set-Cookie") if "hub_session=" in one)
    again = f"{browser}; hub_session={attackers}; {new.partition(';')[0]}"
    assert ask(inside, again).status_code == 200


@pytest.mark.parametrize("planted", ["x", "", PLANTED, "A" * 4000])
@pytest.mark.parametrize("is_first", [True, False])
def test_attack_X15_a_form_is_taken_beside_a_planted_id(inside, planted, is_first):
    both = [f"hub_browser={inside.cookie('hub_browser')}", f"hub_browser={planted}"]
    header = "; ".join(reversed(both) if is_first else both)
    form = {"csrf_token": inside.csrf_token(), "username": USER, "password": PASSWORD}
    assert post(inside, header, form).status_code == 303


def test_attack_X15_a_form_of_a_planted_id_alone_is_refused(inside):
    form = {"csrf_token": inside.csrf_token(), "username": USER, "password": PASSWORD}
    assert post(inside, f"hub_browser={PLANTED}", form).status_code == 403


@pytest.mark.parametrize("is_first", [True, False])
def test_attack_X15_the_portal_that_waits_is_found_beside_a_planted_id(inside, is_first):
    context = context_of(inside)
    both = [f"hub_browser={inside.cookie('hub_browser')}", f"hub_browser={PLANTED}"]
    header = "; ".join(reversed(both) if is_first else both)
    header += f"; hub_session={inside.cookie('hub_session')}"
    page = ask(inside, header, f"/oauth2/authorize/resume?context={context}")
    assert page.headers["Refresh"].startswith("0;url=https://portal.example/callback?code=")


def test_attack_X15_a_planted_device_takes_no_known_device_away(make_hub):
    hub = make_hub()
    add_account(hub)
    browser = hub.browser()
    page = log_in(browser)
    form = {"flow": hidden(page, "flow"), "code": hub.take_code()}
    browser.post("/login/code", form, follow=False)
    header = (
        f"hub_browser={browser.cookie('hub_browser')}; hub_device=x;"
        f" hub_device={browser.cookie('hub_device')}; hub_device=k1.y.z"
    )
    form = {"csrf_token": browser.csrf_token(), "username": USER, "password": PASSWORD}
    assert post(browser, header, form).location == "/account"


def planted(name: str, number: int) -> str:
    """Return so many values of the form of ours, as a sibling host plants them on a longer path.

    They come before ours (RFC 6265 5.4: longer paths first, then older cookies).
    """
    return "; ".join(f"{name}={one:043}" for one in range(number))


MANY = [5, 200]


@pytest.mark.parametrize("number", MANY)
def test_attack_X15_many_planted_sessions_do_not_sign_out(inside, number):
    ours = f"hub_session={inside.cookie('hub_session')}"
    assert ask(inside, f"{planted('hub_session', number)}; {ours}").status_code == 200


def test_attack_X15_many_planted_sessions_are_looked_up_at_once(inside):
    ours = f"hub_session={inside.cookie('hub_session')}"
    ask(inside, ours)  # reads the portals once for all that follow
    with statements() as of_two:
        ask(inside, f"{planted('hub_session', 1)}; {ours}")
    with statements() as of_many:
        ask(inside, f"{planted('hub_session', 200)}; {ours}")
    assert len(of_many) == len(of_two)


@pytest.mark.parametrize("number", MANY)
def test_attack_X15_a_form_is_taken_beside_many_planted_ids(inside, number):
    header = f"{planted('hub_browser', number)}; hub_browser={inside.cookie('hub_browser')}"
    form = {"csrf_token": inside.csrf_token(), "username": USER, "password": PASSWORD}
    assert post(inside, header, form).status_code == 303


@pytest.mark.parametrize("number", MANY)
def test_attack_X15_the_portal_that_waits_is_found_beside_many_planted_ids(inside, number):
    context = context_of(inside)
    header = f"{planted('hub_browser', number)}; hub_browser={inside.cookie('hub_browser')}"
    header += f"; hub_session={inside.cookie('hub_session')}"
    page = ask(inside, header, f"/oauth2/authorize/resume?context={context}")
    assert page.headers["Refresh"].startswith("0;url=https://portal.example/callback?code=")


def test_attack_X15_what_no_server_lets_in_is_not_read(inside):
    """Whoever sends more than a line of the header holds, sends it to themselves alone."""
    ours = f"hub_session={inside.cookie('hub_session')}"
    header = f"x={'A' * LARGEST_HEADER_LINE}; {ours}"
    assert ask(inside, header).location == "/login"


def erased(answer) -> set[tuple[str, str, str]]:
    """Return name, domain and path of the cookies that an answer takes away."""
    found = set()
    for line in answer.headers.getlist("Set-Cookie"):
        first, *rest = line.split("; ")
        attributes = dict(one.partition("=")[::2] for one in rest)
        if attributes.get("Max-Age") == "0":
            found.add((first, attributes.get("Domain", ""), attributes["Path"]))
    return found


@pytest.fixture
def over_tls(make_hub):
    """What the hub erases when it is asked, over https, with these cookies."""
    hub = make_hub(SECURE)

    def ask_with(header: str, path: str = "/login"):
        client = hub.app.test_client(use_cookies=False)
        base = f"https://{HOST}"
        return erased(client.get(path, base_url=base, headers={"Cookie": header}))

    return ask_with


def test_attack_X15_what_a_sibling_planted_is_erased(over_tls):
    """For browsers that do not know the prefix; in the others there is nothing to erase."""
    name = "__Host-session="
    assert over_tls("__Host-session=a; __Host-session=b", "/account/data") == {
        (name, "tamin.example", path) for path in ("/", "/account", "/account/", "/account/data")
    }


def test_attack_X15_a_single_cookie_is_let_alone(over_tls):
    assert over_tls("__Host-session=a; __Host-browser=b; session=c; session=d") == set()


CHUNKS = st.lists(
    st.tuples(
        st.sampled_from(["hub_session", "hub_browser", "hub_device", "", "\xa0hub_session", "x"]),
        st.sampled_from(["=", "", "==", " =", "\x85="]),
        st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0;"), max_size=50),
    ),
    max_size=8,
)


@given(before=CHUNKS, after=CHUNKS)
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_attack_X15_no_chaos_of_cookies_signs_anybody_out(inside, before, after):
    ours = f"hub_session={inside.cookie('hub_session')}"
    chaos = [["".join(one) for one in side][:3] for side in (before, after)]
    assert ask(inside, "; ".join([*chaos[0], ours, *chaos[1]])).status_code == 200
