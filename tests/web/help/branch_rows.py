"""Branches for tests of the pages."""

from idp.domain.branches.branch import Branch
from tests.web.hub import Hub

YAZD = Branch(
    "شعبه یک یزد", "یزد", "یزد", "بلوار امام، کوچه ۵", "035-36220000", "شنبه تا چهارشنبه ۷ تا ۱۴"
)
MEYBOD = Branch("شعبه میبد", "یزد", "میبد", "میدان امام")
SECOND = Branch("شعبه دو یزد", "یزد", "یزد", "خیابان کاشانی", "035-36230000")
QOM = Branch("شعبه قم", "قم", "قم", "خیابان ساحلی", "025-37700000")
ALL = [YAZD, MEYBOD, SECOND, QOM]


def put_branches(hub: Hub) -> None:
    hub.deps.branches.replace(ALL, officer="o-17")
