"""What suites and drivers of browsers find the pages by; classes, for an id could be focused."""

import re

import pytest

from tests.web.tour import VISITS

FIELDS = [("login/login.html", name) for name in ("username", "password")]
BUTTONS = [
    ("consent/consent.html", "consent-accept"),
    ("consent/consent.html", "consent-deny"),
    ("logout/ask.html", "logout-confirm"),
]


def shown(see, template):
    """Return the markup of every state of a page, as citizens come to it."""
    visits = [visit for visit in VISITS if visit.template == template]
    assert visits
    return [see(visit).text for visit in visits]


def tags(markup, kind):
    return re.findall(rf"<{kind}\b[^>]*>", markup)


@pytest.mark.parametrize(("template", "name"), FIELDS)
def test_the_login_form_has_one_field_of_each_name(see, template, name):
    for markup in shown(see, template):
        assert sum(f' name="{name}"' in tag for tag in tags(markup, "input")) == 1


@pytest.mark.parametrize(("template", "hook"), BUTTONS)
def test_a_decision_is_one_button_with_its_class(see, template, hook):
    for markup in shown(see, template):
        found = [tag for tag in tags(markup, "button") if re.search(rf'[" ]{hook}[" ]', tag)]
        assert [' type="submit"' in tag for tag in found] == [True]


@pytest.mark.parametrize(("template", "hook"), BUTTONS)
def test_attack_X07_no_decision_has_an_id_or_a_name(see, template, hook):
    for markup in shown(see, template):
        [button] = [tag for tag in tags(markup, "button") if hook in tag]
        assert not re.search(r"\s(id|name|autofocus)\b", button)


def test_the_hooks_are_on_no_other_page(see):
    others = {visit.template for visit in VISITS} - {template for template, _ in BUTTONS}
    hooks = re.compile("|".join(hook for _, hook in BUTTONS))
    for template in ("login/login.html", "logout/signed_out.html", "account/account.html"):
        assert template in others
        assert not any(hooks.search(markup) for markup in shown(see, template))
