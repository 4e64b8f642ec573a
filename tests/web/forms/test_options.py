"""The markup of a list is rendered once, and each page marks the option that was chosen."""

import pytest

from idp.web.forms.options import Options


@pytest.fixture
def cities() -> Options:
    return Options(lambda: [("1", "تهران"), ("12", "ری")])


def rendered(options: Options, chosen: str) -> str:
    def all_of() -> str:
        return "".join(f'<option value="{value}" >{words}</option>' for value, words in options)

    return options.with_mark(chosen, "selected", caller=all_of)


def test_the_option_of_this_page_is_marked_and_no_other(cities):
    rendered(cities, "1")
    markup = '<option value="1" >تهران</option><option value="12" selected>ری</option>'
    assert rendered(cities, "12") == markup


def test_an_option_whose_words_are_its_value_is_marked():
    names = Options(lambda: ["ری", "تهران"])
    markup = names.with_mark(
        "تهران", " selected", caller=lambda: "".join(f"<option>{one}</option>" for one in names)
    )
    assert markup == "<option>ری</option><option selected>تهران</option>"


def test_such_an_option_is_marked_in_a_list_of_another_language_too():
    names = Options(lambda: ["ری", "تهران"])
    markup = names.with_mark(
        "تهران",
        " selected",
        caller=lambda: "".join(f'<option lang="fa">{one}</option>' for one in names),
    )
    assert markup == '<option lang="fa">ری</option><option lang="fa" selected>تهران</option>'


@pytest.mark.parametrize("chosen", ["", "2", '1" >تهران</option><option value="12'])
def test_a_value_that_is_not_in_the_list_marks_none(cities, chosen):
    assert "selected" not in rendered(cities, chosen)
