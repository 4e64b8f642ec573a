"""The list of branches: replaced as a whole, audited, found by city and province."""

import pytest

from idp.domain.branches.branch import Branch
from idp.services.branches.branches import SUBJECT, Branches, FoundBranches

YAZD = Branch("شعبه یک", "یزد", "یزد", "خیابان امام", "03536220000", "۷ تا ۱۴")
MEYBOD = Branch("شعبه میبد", "یزد", "میبد", "خیابان امام")
QOM = Branch("شعبه قم", "قم", "قم", "خیابان امام")
ALL = [YAZD, MEYBOD, QOM]


@pytest.fixture
def branches(any_house):
    return Branches(kernel=any_house.kernel)


@pytest.fixture
def full(branches):
    branches.replace(ALL, officer="o-17")
    return branches


def test_there_are_none_before_an_import(branches):
    assert not branches.are_known()
    assert branches.list() == []


def test_they_stand_in_the_order_of_the_file(full):
    assert full.list() == ALL
    assert full.are_known()


def test_a_new_list_replaces_the_whole_old_one(full):
    assert full.replace([QOM], officer="o-17") == 3
    assert full.list() == [QOM]


def test_an_import_is_audited_with_its_numbers(full, any_house):
    (entry,) = any_house.audit(SUBJECT)
    assert (entry.actor, entry.action) == ("o-17", "branches.replaced")
    assert entry.details == {"before": "0", "now": "3"}


def test_an_import_that_fails_leaves_the_list_as_it_was(full):
    with pytest.raises(TypeError):
        full.replace([QOM, None], officer="o-17")
    assert full.list() == ALL


@pytest.mark.parametrize(
    ("province", "city", "found"),
    [
        ("یزد", "", FoundBranches([YAZD, MEYBOD])),
        ("یزد", "ميبد", FoundBranches([MEYBOD])),
        (None, "qom", FoundBranches([QOM])),
        ("یزد", "قم", FoundBranches([YAZD, MEYBOD], is_of_city=False)),
        (None, "لندن", FoundBranches((), is_of_city=False)),
        (None, "", FoundBranches(())),
        ("تهران", "", FoundBranches([])),
    ],
)
def test_branches_are_found_by_province_and_city(full, province, city, found):
    assert full.find(province, city) == found
