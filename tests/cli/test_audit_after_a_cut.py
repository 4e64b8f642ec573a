"""``idp audit verify`` after the retention has cut old entries."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from idp.adapters.clock import system_clock
from idp.app.outside import build_outside
from idp.ports import AuditEntry
from idp.settings import load
from tests.cli.conftest import CommandLine


@pytest.fixture
def heads(bare: CommandLine) -> list[dict[str, object]]:
    """The heads of an audit of four entries, of which the first two were cut."""
    bare.done("db", "upgrade")
    found = []
    outside = build_outside(load([Path(one) for one in bare.config.split(":")], {}))
    for days_ago in (40, 30, 20, 10):
        at = system_clock() - timedelta(days=days_ago)
        with outside.begin() as work:
            work.audit.add(AuditEntry(at=at, actor="hub", action="acted", subject="x"))
        with outside.begin(read_only=True) as work:
            head = work.audit.head()
        found.append({"number": head.number, "chain": head.chain})
    with outside.begin() as work:
        assert work.audit.cut(system_clock() - timedelta(days=25)) == 2
    outside.database.close()
    return found


def anchors(bare: CommandLine, heads: list[dict[str, object]]) -> Path:
    file = bare.folder / "heads"
    file.write_text("\n".join(json.dumps(one) for one in heads), "utf-8")
    return file


def test_what_is_left_follows_each_other(bare: CommandLine, heads):
    assert "2 entries follow each other" in bare.done("audit", "verify")


def test_heads_of_entries_that_were_cut_are_not_missed(bare: CommandLine, heads):
    bare.done("audit", "verify", "--anchor", anchors(bare, heads))


def test_the_end_of_what_was_cut_must_be_as_it_was_kept(bare: CommandLine, heads):
    heads[1]["chain"] = "0" * 64
    found = bare("audit", "verify", "--anchor", anchors(bare, heads))
    assert (found.exit_code, "1 heads kept outside" in found.stderr) == (1, True)


def test_the_head_at_which_the_audit_was_cut_is_known(bare: CommandLine, heads):
    bare.done("audit", "verify", "--head", heads[1]["chain"])


def test_a_beginning_that_was_changed_is_named(bare: CommandLine, heads):
    with closing(sqlite3.connect(bare.folder / "hub.sqlite3")) as connection, connection:
        connection.execute("UPDATE audit_cuts SET number = 1")
    found = bare("audit", "verify")
    assert (found.exit_code, "where the audit begins" in found.stderr) == (1, True)


def test_an_audit_of_which_all_was_cut_is_whole(bare: CommandLine, heads):
    outside = build_outside(load([Path(one) for one in bare.config.split(":")], {}))
    with outside.begin() as work:
        work.audit.cut(system_clock())
    outside.database.close()
    assert "0 entries follow each other" in bare.done("audit", "verify")


def test_each_table_is_listed_with_its_size_and_owner(bare: CommandLine, heads):
    found = {row["table"]: row for row in bare.read("db", "sizes")}
    audit = found["audit"]
    assert (audit["rows"], audit["bytes"] > 0, audit["oldest"] is not None) == (2, True, True)
    assert audit["owner"] == "worker, after retention.audit_days"
    assert found["sessions"]["owner"] == "worker, when a row's time is over"
