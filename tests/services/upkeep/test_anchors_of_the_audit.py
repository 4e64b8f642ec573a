"""How far the audit has been written is kept elsewhere, each minute."""

import pytest
from sqlalchemy import create_engine, text
from structlog.testing import capture_logs

from idp.adapters.audit_anchors import FileAnchor, LogAnchor
from idp.ports import AuditEntry, AuditHead


@pytest.fixture
def schedule(lab):
    """What the worker does each minute."""
    return lab.crew._schedule


def act(lab):
    with lab.begin() as work:
        work.audit.add(AuditEntry(at=lab.clock(), actor="o-17", action="act", subject="s-1"))


def numbers(lab):
    return [head.number for head, _ in lab.anchors[0].kept]


def test_the_head_is_kept_each_minute_while_something_is_written(lab, schedule):
    for _ in range(2):
        act(lab)
        schedule.do_due()

    assert numbers(lab) == [1, 2]


def test_a_head_is_kept_once(lab, schedule):
    act(lab)
    schedule.do_due()
    schedule.do_due()

    assert numbers(lab) == [1]


def test_an_empty_audit_has_nothing_to_keep(lab, schedule):
    schedule.do_due()

    assert numbers(lab) == []


def test_a_lost_note_of_the_head_is_an_alarm(lab, schedule, migrated_sqlite_url):
    act(lab)
    engine = create_engine(migrated_sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_heads"))
    engine.dispose()

    with capture_logs() as logs:
        schedule.do_due()

    assert [line["alarm"] for line in logs] == ["audit_note_lost"]


def test_the_log_keeps_number_and_digest(lab):
    with capture_logs() as logs:
        LogAnchor().keep(AuditHead(7, "abc"), lab.clock())

    assert [(line["event"], line["number"], line["chain"]) for line in logs] == [
        ("audit_head", 7, "abc")
    ]


def test_a_file_of_heads_only_grows_and_is_its_owners(lab, tmp_path):
    file = tmp_path / "heads"
    for number in (1, 2):
        FileAnchor(file).keep(AuditHead(number, "abc"), lab.clock())

    assert [line.count('"chain": "abc"') for line in file.read_text("utf-8").splitlines()] == [1, 1]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written_is_an_alarm_and_no_error(lab, tmp_path):
    with capture_logs() as logs:
        FileAnchor(tmp_path / "absent" / "heads").keep(AuditHead(1, "abc"), lab.clock())

    assert [line["alarm"] for line in logs] == ["audit_not_anchored"]
