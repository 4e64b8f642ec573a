"""The acts of docs/operate/desk.md on a citizen, as they stand there, in their order."""

import re
import shlex
from pathlib import Path

import pytest

from tests.services.officer import NEW_MOBILE, OK

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "operate" / "desk.md"
COMMAND = re.compile(r"^    idp (citizens .+)$", re.MULTILINE)


@pytest.fixture
def terminal(monkeypatch):
    """The officer's variables, which the document says to set once."""
    monkeypatch.setenv("IDP_OFFICER", "o-17")
    monkeypatch.setenv("IDP_BRANCH", "تهران ۴")


def test_the_acts_of_the_document_run_one_after_the_other(lab, run, person, terminal):
    lab.submit(person)
    lab.work()
    typed = [person.national_id.value, NEW_MOBILE.national]
    for line in COMMAND.findall(DOCUMENT.read_text("utf-8")):
        words = shlex.split(line)
        if "change-mobile" in words and "--send-code" not in words:
            lab.work()
            typed.append(lab.last_code(NEW_MOBILE))
        done = run(*words, typed="\n".join(typed) + "\n")
        assert done.exit_code == OK, (line, done.output)
    assert lab.account_of(person.national_id).mobile == NEW_MOBILE
