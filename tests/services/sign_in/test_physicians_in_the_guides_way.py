from idp.services.sign_in.sign_in import CodeNeeded
from tests import factories
from tests.services.house import PASSWORD, USER, attempt


def test_the_guides_way_asks_physicians_for_the_code_too(guide_house):
    guide_house.change(physician=factories.PROVEN)

    assert isinstance(guide_house.sign_in.with_password(USER, PASSWORD, attempt()), CodeNeeded)
