"""`idp cases`, `idp audit`, `idp worker`: what they print and how they end."""

import json
import signal
from dataclasses import replace

import pytest

from idp.domain.people.physician import CouncilNumber, PhysicianClaim, Profession
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.verdict import NotFound, PhoneAnswer
from tests.services.laboratory import PERSONAS, persona_of
from tests.services.officer import (
    ACT,
    NEW_MOBILE,
    NOT_FOUND,
    OF_SECOND,
    OK,
    REFUSED,
    SECOND,
    USAGE,
    WHO,
)


def test_cases_are_listed(run, waiting):
    result = run("cases", "list", "--state", "branch")

    assert result.exit_code == OK
    assert waiting.tracking_number in result.output


def test_cases_are_listed_for_scripts(run, waiting):
    rows = json.loads(run("cases", "list", "--json").output)

    assert [(row["case"], row["state"]) for row in rows] == [(waiting.id, "branch")]


def test_no_case_is_an_empty_list_for_scripts(run):
    assert json.loads(run("cases", "list", "--overdue", "--json").output) == []


def test_a_case_is_shown_with_the_parts_of_its_messages(run, waiting):
    shown = json.loads(run("cases", "show", waiting.id, "--json").output)

    assert [(m["message"], m["parts"]) for m in shown["messages"]] == [("branch", 2)]


def test_a_case_is_shown_to_people(run, waiting):
    output = run("cases", "show", waiting.tracking_number).output

    assert "Messages" in output
    assert "case.branch" in output


def test_a_shown_case_masks_numbers(run, waiting):
    output = run("cases", "show", waiting.id).output

    assert waiting.application.national_id.value not in output
    assert waiting.application.mobile.national not in output


def test_an_unknown_case_is_exit_code_three(run):
    assert run("cases", "show", "1000000002").exit_code == NOT_FOUND


def test_what_names_no_case_is_wrong_use(run):
    assert run("cases", "show", "123").exit_code == USAGE


def test_a_case_is_activated_in_two_commands(lab, run, waiting):
    sent = run("cases", "activate", waiting.id, "--send-code", *ACT)
    lab.work()
    code = lab.last_code(waiting.application.mobile)

    done = run("cases", "activate", waiting.id, *OF_SECOND, typed=f"{code}\n", by=SECOND)

    assert (sent.exit_code, done.exit_code) == (OK, OK)
    assert lab.case(waiting).state is CaseState.ACTIVATED


def test_a_wrong_code_is_exit_code_one(run, waiting):
    assert run("cases", "activate", waiting.id, *ACT, typed="000000\n").exit_code == REFUSED


def test_activating_without_a_code_is_wrong_use(run, waiting):
    assert run("cases", "activate", waiting.id, *ACT).exit_code == USAGE


@pytest.mark.parametrize("option", ["--officer", "--branch", "--reason", "--documents"])
def test_activating_without_a_part_of_the_act_is_wrong_use(run, waiting, option):
    at = ACT.index(option)
    rest = ACT[:at] + ACT[at + 2 :]

    assert run("cases", "activate", waiting.id, "--send-code", *rest).exit_code == USAGE


def test_an_existing_account_is_refused_with_what_to_do(lab, run, waiting):
    lab.registries.phone = PhoneAnswer.MATCH
    lab.submit(replace(waiting.application, mobile=NEW_MOBILE))
    lab.work()

    result = run("cases", "activate", waiting.id, "--send-code", *ACT)

    assert result.exit_code == REFUSED
    assert "change-mobile" in result.output


def test_a_case_is_rejected(lab, run, waiting):
    assert run("cases", "reject", waiting.id, *WHO).exit_code == OK
    assert lab.case(waiting).state is CaseState.MISMATCH


def filing(**changes):
    row = PERSONAS["ok_male"]
    known = row["registry"]
    return {
        "national_id": row["national_id"],
        "mobile": row["mobile"],
        "operator": "mci",
        "given_name": known["first_name"],
        "family_name": known["last_name"],
        "certificate_number": known["certificate_no"],
        "serial": known["serial"],
        "series_letter": known["series_letter"],
        "series_number": known["series_no"],
        "birth": known["birth_date"],
        "gender": known["gender"],
        "country": "IR",
        "city": "تهران",
        "email": "someone@example.ir",
        "question": "favourite_colour",
        **changes,
    }


@pytest.fixture
def file_case(lab, person, run, tmp_path):
    lab.registries.registry = NotFound()

    def do(values, suffix="json"):
        path = tmp_path / f"case.{suffix}"
        if suffix == "json":
            path.write_text(json.dumps(values), "utf-8")
        else:
            lines = (f"{key} = {json.dumps(text)}" for key, text in values.items())
            path.write_text("\n".join(lines), "utf-8")
        words = ("cases", "file", "--from", str(path), *ACT)
        return run(*words, typed="آبی\n")

    return do


@pytest.mark.parametrize("suffix", ["json", "toml"])
def test_a_case_is_filed_from_documents(lab, file_case, suffix):
    assert file_case(filing(), suffix=suffix).exit_code == OK
    assert [case.state for case in lab.desk.list()] == [CaseState.BRANCH]


def test_the_answer_of_a_filing_is_not_shown(file_case):
    assert "آبی" not in file_case(filing()).output


def test_one_officer_cannot_file_and_activate(lab, run, file_case):
    file_case(filing())
    [case] = lab.desk.list()
    run("cases", "activate", case.id, "--send-code", *ACT)

    refused = run("cases", "activate", case.id, *OF_SECOND, typed="1\n")

    assert (refused.exit_code, "another user" in refused.output) == (REFUSED, True)


def test_a_filing_that_lacks_a_member_names_it(file_case):
    values = filing()
    del values["serial"]

    result = file_case(values)

    assert (result.exit_code, "serial" in result.output) == (USAGE, True)


def test_a_filing_with_a_wrong_member_names_it(file_case):
    result = file_case(filing(serial="x"))

    assert (result.exit_code, "serial" in result.output) == (USAGE, True)


PROFESSION = {"profession": "midwife", "council_number": "م-۴۴۵۱"}


def test_a_physicians_case_is_filed_with_profession_and_number(lab, file_case):
    assert file_case(filing(**PROFESSION)).exit_code == OK
    [case] = lab.desk.list()
    assert case.application.physician == PhysicianClaim(CouncilNumber("4451م"), Profession.MIDWIFE)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"profession": "midwife"}, "council_number"),
        ({"council_number": "4451"}, "profession"),
        ({**PROFESSION, "council_number": "?"}, "physician"),
    ],
)
def test_a_filing_with_half_a_profession_names_the_rest(file_case, changes, named):
    result = file_case(filing(**changes))

    assert (result.exit_code, named in result.output) == (USAGE, True)


def test_a_physicians_case_is_shown_masked(lab, run, file_case):
    file_case(filing(**PROFESSION))
    [case] = lab.desk.list()

    listed = json.loads(run("cases", "list", "--json").output)
    shown = json.loads(run("cases", "show", case.id, "--json").output)

    assert [row["profession"] for row in listed] == ["midwife"]
    assert (shown["profession"], shown["council_number"]) == ("midwife", "***1م")


def test_the_messages_of_an_unproven_physician_are_shown(lab, run):
    application, known = persona_of("physician")
    lab.registries.people[application.national_id.value] = known
    case = lab.submit(application)
    lab.work()

    shown = json.loads(run("cases", "show", case.id, "--json").output)

    assert [one["message"] for one in shown["messages"]] == ["activated", "profession_unproven"]
    assert shown["reasons"] == ["council_not_found"]


def test_the_audit_is_tailed(run, waiting):
    rows = json.loads(run("audit", "tail", "--subject", waiting.id, "--json").output)

    assert [row["action"] for row in rows] == ["case.branch"]


def test_the_worker_ends_by_sigterm_after_its_work(lab, run, person):
    case = lab.submit(person)
    original = lab.registries.lookup

    def lookup(*who):
        signal.raise_signal(signal.SIGTERM)
        return original(*who)

    lab.registries.lookup = lookup
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    result = run("worker")

    for number, handler in before.items():
        signal.signal(number, handler)
    assert result.exit_code == OK
    assert lab.case(case).state is CaseState.ACTIVATED


@pytest.mark.parametrize("group", ["cases", "citizens", "audit", "worker"])
def test_help_reads_like_a_manual(run, group):
    assert run(group, "--help").exit_code == OK
