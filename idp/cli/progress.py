"""The progress of long work, on standard error: results alone go to standard output."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TypeVar

import click

Item = TypeVar("Item")
Advance = Callable[[int], None]
"""Tells that so much more of a step is done."""


class TerminalProgress:
    """The port ``Progress``: a bar on a terminal, elsewhere a line when a step ends."""

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Yield the function that moves the step on; without ``total`` only the count is shown.

        A step that raises ends without its line.
        """
        if sys.stderr.isatty():
            with _bar(name, total) as advance:
                yield advance
            return
        begun, done = monotonic(), 0

        def count(amount: int) -> None:
            nonlocal done
            done += amount

        yield count
        click.echo(f"{name}: {done:,} in {monotonic() - begun:.1f} s", err=True)


@contextmanager
def _bar(name: str, total: int | None) -> Iterator[Advance]:
    if total is None:
        # An endless iterator: click shows the count beside a bar that only moves.
        with click.progressbar(iter(int, 1), label=name, show_pos=True, file=sys.stderr) as moving:
            yield moving.update
        return
    with click.progressbar(length=total, label=name, show_pos=True, file=sys.stderr) as bar:
        yield bar.update


def each(name: str, items: Iterable[Item], total: int | None = None) -> Iterator[Item]:
    """Yield ``items`` and show how many of them are done."""
    with TerminalProgress().step(name, total) as advance:
        for item in items:
            yield item
            advance(1)
