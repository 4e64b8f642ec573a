"""The embedded registry, the SMS inbox and the movable clock."""

from dataclasses import replace
from datetime import timedelta

from idp.domain.people.physician import CouncilNumber
from idp.ports import InboxMessage, RegistryRecord
from tests.factories import MOBILE, NATIONAL_ID, OTHER_NATIONAL_ID, PHYSICIAN, person
from tests.fakes import NOON

KNOWN = RegistryRecord(
    person=person(), mobile=MOBILE, civil="found", phone="match", insured=True, roles=("insured",)
)
UNKNOWN = RegistryRecord(
    person=None, mobile=None, civil="not_found", phone="no_answer", insured=False
)


def message(uid: int, minutes: int) -> InboxMessage:
    return InboxMessage(uid=uid, to=MOBILE, text="متن", at=NOON + timedelta(minutes=minutes))


def test_people_come_back_as_they_were_loaded(database):
    people = database.registry_people()
    assert people.load({NATIONAL_ID: KNOWN, OTHER_NATIONAL_ID: UNKNOWN}) == 2
    assert people.find(NATIONAL_ID) == KNOWN
    assert people.find(OTHER_NATIONAL_ID) == UNKNOWN


def test_people_loaded_again_are_replaced(database):
    people = database.registry_people()
    people.load({NATIONAL_ID: KNOWN})
    people.load({NATIONAL_ID: UNKNOWN})
    assert people.find(NATIONAL_ID) == UNKNOWN


def test_a_member_of_the_council_is_found_by_the_number(database):
    people = database.registry_people()
    member = replace(KNOWN, physician=PHYSICIAN, council="unavailable")
    people.load({NATIONAL_ID: member, OTHER_NATIONAL_ID: UNKNOWN})
    assert people.find_by_council_number(CouncilNumber("98-765")) == member
    assert people.find_by_council_number(CouncilNumber("98765م")) is None


def test_a_member_loaded_again_without_number_is_found_by_it_no_more(database):
    people = database.registry_people()
    people.load({NATIONAL_ID: replace(KNOWN, physician=PHYSICIAN)})
    people.load({NATIONAL_ID: KNOWN})
    assert people.find_by_council_number(PHYSICIAN.number) is None


def test_nobody_is_known_to_an_empty_registry(database):
    assert database.registry_people().find(NATIONAL_ID) is None


def test_the_inbox_lists_the_newest_message_first(database):
    inbox = database.sms_inbox()
    for one in (message(1, 0), message(2, 5), message(3, 1)):
        inbox.add(one)
    assert [one.uid for one in inbox.list()] == [2, 3, 1]
    assert inbox.list(limit=1) == [message(2, 5)]


def test_the_same_message_twice_is_one_message(database):
    inbox = database.sms_inbox()
    inbox.add(message(1, 0))
    inbox.add(message(1, 5))
    assert inbox.list() == [message(1, 0)]


def test_the_clock_can_be_moved(database):
    shift = database.clock_shift()
    assert shift.seconds() == 0
    shift.move_to(46 * 3600)
    shift.move_to(50 * 3600)
    assert shift.seconds() == 50 * 3600
