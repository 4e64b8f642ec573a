"""Chromium 80 of February 2020, spoken to by its DevTools protocol over a pipe.

Playwright and today's puppeteer ask for methods that it does not have yet.
"""

import base64
import fcntl
import json
import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parents[2] / "e2e/node_modules/chrome-aws-lambda/bin/chromium"
"""npm's chrome-aws-lambda 2.1.1 brings it, `.ci/node-packages` unpacks it."""
PATIENCE_SECONDS = 30
FLAGS = (
    *(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
    ),
    *("--disable-background-networking", "--no-first-run", "--lang=fa"),
    # The protocol is read from file descriptor 3 and written to 4, each message ended by a zero.
    "--remote-debugging-pipe",
)

Message = dict[str, Any]
Listener = Callable[[Message], None]


class OldChromium:
    """The browser and the way to speak to it; one question at a time."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to_browser, self._from_browser = to_browser, from_browser
        self._asked = 0
        self._rest = b""
        self.listeners: dict[str, Listener] = {}
        """Who hears of an event, by its name."""

    def ask(self, method: str, session: str | None = None, **parameters: object) -> Message:
        """Return the result of a method; events that come before it are told to their listeners."""
        number = self.tell(method, session, **parameters)
        while True:
            message = self._next()
            if message.get("id") == number:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]
            self._hear(message)

    def tell(self, method: str, session: str | None = None, **parameters: object) -> int:
        """Ask without waiting for the answer, as from a listener; return the question's number."""
        self._asked += 1
        message: Message = {"id": self._asked, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        rest = memoryview(json.dumps(message).encode() + b"\0")
        while rest:
            rest = rest[os.write(self._to_browser, rest) :]
        return self._asked

    def _hear(self, message: Message) -> None:
        listener = self.listeners.get(message.get("method", ""))
        if listener:
            listener(message["params"])

    def _next(self) -> Message:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from_browser], [], [], PATIENCE_SECONDS)
            assert ready, "Chromium 80 says nothing"
            read = os.read(self._from_browser, 1 << 20)
            assert read, "Chromium 80 has ended"
            self._rest += read
        first, _, self._rest = self._rest.partition(b"\0")
        return json.loads(first)


class OldPage:
    """The one window, with the few words of Playwright's page that the checks of pages use."""

    def __init__(self, browser: OldChromium) -> None:
        self.browser = browser
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: object) -> Message:
        return self.browser.ask(method, self._session, **parameters)

    def tell(self, method: str, **parameters: object) -> None:
        self.browser.tell(method, self._session, **parameters)

    def set_viewport_size(self, size: dict[str, int]) -> None:
        self.ask("Emulation.setDeviceMetricsOverride", **size, deviceScaleFactor=1, mobile=False)

    def evaluate(self, script: str, argument: object = None) -> Any:
        """Return what a script, or the function that it is, gives for the argument."""
        is_function = argument is not None or script.startswith(("() =>", "async () =>"))
        given = "" if argument is None else json.dumps(argument)
        answer = self.ask(
            "Runtime.evaluate",
            expression=f"({script})({given})" if is_function else script,
            returnByValue=True,
            awaitPromise=True,
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def screenshot(self, path: Path, height: int = 0) -> None:
        """Keep a picture of the window, or of so many pixels of the page's height."""
        clip = {"x": 0, "y": 0, "width": 360, "height": height, "scale": 1}
        more = {"clip": clip} if height else {}
        taken = self.ask("Page.captureScreenshot", format="png", **more)
        path.write_bytes(base64.b64decode(taken["data"]))


@contextmanager
def old_chromium() -> Iterator[OldChromium]:
    """Yield the browser, and end it."""
    if not PROGRAM.exists():
        pytest.fail("Chromium 80 is missing (run .ci/node-packages; it needs Node.js with npm)")
    from_us, to_browser = os.pipe()
    from_browser, to_us = os.pipe()
    process = _start(above_standard(from_us), above_standard(to_us))
    try:
        yield OldChromium(to_browser, from_browser)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(to_browser)
        os.close(from_browser)


def _start(reads: int, writes: int) -> int:
    """Start the browser with its ends of the pipes, and close ours; return its process."""
    silence = [(os.POSIX_SPAWN_OPEN, one, os.devnull, os.O_WRONLY, 0) for one in (1, 2)]
    pipes = [(os.POSIX_SPAWN_DUP2, reads, 3), (os.POSIX_SPAWN_DUP2, writes, 4)]
    arguments = (PROGRAM, *FLAGS, "about:blank")
    process = os.posix_spawn(PROGRAM, arguments, os.environ, file_actions=[*silence, *pipes])
    os.close(reads)
    os.close(writes)
    return process


def above_standard(end: int) -> int:
    """Return another number of a pipe's end, that giving the browser 3 and 4 cannot take away."""
    moved = fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(end)
    return moved
