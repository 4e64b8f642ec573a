"""``idp audit``: who did what to whom, by ids."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from idp.cli.context import fail, hub
from idp.cli.progress import each
from idp.cli.tables import json_option, print_record, print_rows
from idp.cli.words import NAME
from idp.ports import (
    AuditEntry,
    AuditHead,
    AuditLink,
)
from idp.store.upkeep.audit import Audit


@click.group()
def audit() -> None:
    """Read the audit. It holds ids and reasons, no personal values.

    \b
    Examples:
      idp audit tail -n 20
      idp audit tail --subject my-portal --json
      idp audit verify
    """


@audit.command()
@click.option("-n", "--limit", default=50, show_default=True, type=click.IntRange(1, 10_000),
              help="How many entries.")  # fmt: skip
@click.option("--subject", type=NAME, help="Only entries about this case, account, client or key.")
@json_option
def tail(limit: int, subject: str | None, *, as_json: bool) -> None:
    """Show the newest entries, the newest last."""
    with hub().begin(read_only=True) as work:
        entries = work.audit.tail(limit, subject=subject)
    print_rows([entry_row(entry) for entry in entries], as_json=as_json, empty="No entry.")


@audit.command()
@click.option("--head", type=NAME,
              help="A digest that was printed or logged: it must still be there.")  # fmt: skip
@click.option("--anchor", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A file of heads to hold it against, instead of audit.anchor_file.")  # fmt: skip
@json_option
def verify(head: str | None, file: Path | None, *, as_json: bool) -> None:
    """Check that no entry was changed, removed or put in since it was written.

    Each entry holds its number and a keyed digest of itself and the one before; a row of its own
    notes the newest. Whoever restores an earlier end together with its note is found by what was
    kept outside: the heads in audit.anchor_file, or in a copy of it, and `audit_head` in the log,
    each minute and after each command. Exit code 1 when something does not fit. Where the
    retention (retention.audit_days) has cut old entries, the first one follows the end of those.

    \b
    Examples:
      idp audit verify
      idp audit verify --anchor /srv/copy/audit-heads
      idp audit verify --head 5f1c…
    """
    opened = hub()
    anchors = _Anchors.read(file or _own_anchors(opened.settings.audit.anchor_file))
    with opened.begin(read_only=True) as work:
        found = _look(work.audit, anchors, head)
    if as_json:
        print_record(found.record(), as_json=True)
    else:
        print_rows(found.rows(), as_json=False, empty=f"{found.entries} entries follow each other.")
        click.echo(f"head {found.chain or '-'}")
    problems = list(found.problems())
    if problems:
        fail("\n".join(problems))


def _own_anchors(setting: str) -> Path | None:
    file = Path(setting)
    return file if setting and file.is_file() else None


@dataclass
class _Anchors:
    """Heads kept outside the database: digests by entry number, until the audit shows them."""

    unseen: dict[int, set[str]] = field(default_factory=dict)
    unreadable: int = 0

    @classmethod
    def read(cls, file: Path | None) -> "_Anchors":
        """Return the heads of the file; unreadable lines are counted."""
        found = cls()
        for line in file.read_text("utf-8", "replace").splitlines() if file else ():
            try:
                said = json.loads(line)
                found.unseen.setdefault(int(said["number"]), set()).add(str(said["chain"]))
            except (ValueError, TypeError, KeyError):
                found.unreadable += 1
        return found

    def leave_out(self, cut: AuditHead | None) -> None:
        """Remove the heads of entries that were cut off; the last of them must be as it was."""
        end = cut or AuditHead(0, "")
        for number in [one for one in self.unseen if one <= end.number]:
            if number < end.number or self.unseen[number] == {end.chain}:
                del self.unseen[number]

    def see(self, link: AuditLink) -> None:
        """Remove the entry's head if its digest is the entry's; one with another digest stays."""
        if self.unseen.get(link.id) == {link.chain}:
            del self.unseen[link.id]


@dataclass
class _Found:
    """The result of verifying the whole audit."""

    anchors: _Anchors
    head_found: bool
    noted: AuditHead | None
    is_beginning_known: bool = True
    broken: list[AuditLink] = field(default_factory=list)
    entries: int = 0
    number: int = 0
    chain: str = ""

    def record(self) -> dict[str, object]:
        """Return the result as a JSON object for scripts."""
        return {
            "entries": self.entries,
            "head": self.chain,
            "head_found": self.head_found,
            "cut_off": self.cut_off,
            "unanchored": sorted(self.anchors.unseen),
            "broken": self.rows(),
        }

    def rows(self) -> list[dict[str, object]]:
        """Return the entries that break the chain, for ``print_rows``."""
        return [
            {"entry": one.id, "missing_before": max(one.missing, 0), **entry_row(one.entry)}
            for one in self.broken
        ]

    @property
    def cut_off(self) -> bool:
        """Return whether the newest entry differs from the noted head: cut off or added."""
        return self.noted != AuditHead(self.number, self.chain)

    def problems(self) -> Iterator[str]:
        """Yield a sentence for each kind of thing that does not fit."""
        if self.broken:
            missing = sum(max(one.missing, 0) for one in self.broken)
            yield f"{len(self.broken)} entries do not follow the one before them."
            yield f"{missing} numbers are missing." if missing else "No number is missing."
        if not self.is_beginning_known:
            yield "What says where the audit begins was changed: old entries were removed."
        if self.cut_off:
            yield "The newest entry is not the last one written: entries were cut off or added."
        if self.anchors.unseen:
            yield f"{len(self.anchors.unseen)} heads kept outside are not in the audit any more."
        if self.anchors.unreadable:
            yield f"{self.anchors.unreadable} lines of the file of heads cannot be read."
        if not self.head_found:
            yield "No entry has that head: entries were cut off or written anew."


def _look(entries: Audit, anchors: _Anchors, head: str | None) -> _Found:
    beginning, newest = entries.beginning(), entries.head()
    anchors.leave_out(beginning)
    found = _Found(anchors, head is None, newest, is_beginning_known=beginning is not None)
    if beginning is not None:
        found.number, found.chain = beginning.number, beginning.chain
        found.head_found = found.head_found or head == beginning.chain
    total = (newest.number if newest else 0) - found.number
    for link in each("verifying", entries.links(), max(total, 0)):
        found.entries, found.number, found.chain = found.entries + 1, link.id, link.chain
        found.head_found = found.head_found or link.chain == head
        anchors.see(link)
        found.broken += [] if link.fits else [link]
    return found


def entry_row(entry: AuditEntry) -> dict[str, object]:
    """Return the entry as a row for ``print_rows``."""
    return {
        "at": entry.at.isoformat(timespec="seconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": "; ".join(f"{key}={value}" for key, value in entry.details.items()),
    }
