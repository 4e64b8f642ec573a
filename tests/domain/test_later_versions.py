from dataclasses import dataclass

from idp.domain.later_versions import known_members


@dataclass(frozen=True, slots=True)
class Stored:
    name: str
    number: int = 0


def test_what_a_later_version_wrote_for_itself_is_left_out():
    assert known_members(Stored, {"name": "a", "colour": "red"}) == {"name": "a"}


def test_every_known_member_is_taken():
    assert Stored(**known_members(Stored, {"number": 2, "name": "a"})) == Stored("a", 2)
