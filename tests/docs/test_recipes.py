"""A recipe is short, its client file registers, and it says by what it was run."""

import pytest

from idp.domain.clients.metadata import parse_client
from tests.recipes import BY_MAKE, FOLDER, ROOT, Recipe, all_recipes, read

RECIPES = all_recipes()
LINES = 60
every = pytest.mark.parametrize("recipe", RECIPES, ids=lambda one: one.name)
by_make = pytest.mark.parametrize(
    "recipe", [one for one in RECIPES if one.is_run_by_make], ids=lambda one: one.name
)


@every
def test_a_recipe_is_short(recipe: Recipe):
    assert len(recipe.text.splitlines()) < LINES


@pytest.mark.parametrize(
    "page",
    [*RECIPES, *(read(FOLDER.parent / f"{name}.md") for name in ("apis", "back-channel-logout"))],
    ids=lambda one: one.name,
)
def test_the_hub_takes_the_client_file(page: Recipe):
    client = parse_client(page.client, loopback_http=True)
    assert client.client_id == page.client["client_id"]


@every
def test_a_recipe_says_whether_it_was_run(recipe: Recipe):
    assert (recipe.claim is not None) != recipe.admits_that_it_was_not_run


@every
def test_what_ran_a_recipe_is_there(recipe: Recipe):
    if recipe.claim and recipe.claim[1] != BY_MAKE:
        assert (ROOT / recipe.claim[1]).is_file()


@by_make
def test_the_page_has_all_that_make_recipes_needs(recipe: Recipe):
    assert recipe.files
    assert recipe.opens
    assert len(recipe.commands) > 1


@by_make
def test_the_page_pins_the_versions_that_it_names(recipe: Recipe):
    assert recipe.claim
    pinned = "\n".join([*recipe.commands, *recipe.files.values()])
    versions = [words.split()[-1] for words in recipe.claim[0].split(", ")]
    assert [one for one in versions if one not in pinned] == []


def test_no_two_recipes_register_the_same_client():
    ids = [recipe.client["client_id"] for recipe in RECIPES]
    assert sorted(set(ids)) == sorted(ids)


def test_the_list_of_recipes_has_each():
    index = (FOLDER / "README.md").read_text("utf-8")
    assert [one.name for one in RECIPES if f"({one.name}.md)" not in index] == []


def test_a_page_that_does_not_say_so_was_not_run():
    page = Recipe("silent", "# A library\n\nIt works.\n")
    assert page.claim is None
    assert not page.admits_that_it_was_not_run
