"""The page of the design system: whole in development, not there in production."""

import re

import pytest

from tests.web.registration.test_frame import PRODUCTION

COMPONENTS = (
    *("card", "lead", "steps", "notices", "why", "hint", "rules", "sms", "number", "logo"),
    *("summary", "summary done", "summary care", "field", "field is-good", "field is-wrong"),
    *("field is-good is-fixed", "field password", "code", "error", "facts", "clock", "actions"),
    *("button primary", "button quiet", "button danger", "button link", "later later-10"),
)


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_is_shown(hub, component):
    markup = hub.browser().get("/styleguide").get_data(as_text=True)
    assert re.search(rf'class="{component}\s*"', markup)


def test_the_keyboard_and_a_table_are_shown(hub):
    markup = hub.browser().get("/styleguide").get_data(as_text=True)
    assert "data-keyboard=" in markup
    assert "<table>" in markup


def test_production_has_no_page_of_components(make_hub):
    assert make_hub(PRODUCTION).browser().get("/styleguide").status_code == 404
