"""A flood of passwords at a hub in production, and how long everybody else waits meanwhile."""

import json
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from random import Random
from typing import NamedTuple
from urllib.parse import urlencode

from tests.architecture.sources import ROOT
from tests.factories import with_check_digit

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Answer(NamedTuple):
    """What came back, and after how many milliseconds."""

    status: int
    body: str
    cookies: list[str]
    took: float

    def json(self) -> dict[str, str]:
        """Return the body as an object."""
        read: dict[str, str] = json.loads(self.body)
        return read


class Line:
    """One visitor's connection to the web processes, past the proxy: ``network`` is their own."""

    def __init__(self, port: int, network: str) -> None:
        self._line = HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Host": "localhost", "X-Forwarded-Proto": "https"}
        self.network = network

    def send(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """GET ``path``, or POST the form."""
        whole = {**self._headers, "X-Forwarded-For": self.network, **headers}
        begun = time.perf_counter()
        if form is None:
            self._line.request("GET", path, headers=whole)
        else:
            self._line.request("POST", path, urlencode(form), {**whole, **FORM})
        answer: HTTPResponse = self._line.getresponse()
        body = answer.read().decode()
        took = (time.perf_counter() - begun) * 1000
        cookies = answer.headers.get_all("Set-Cookie") or []
        return Answer(answer.status, body, cookies, took)

    def close(self) -> None:
        self._line.close()


@contextmanager
def flood(port: int, strangers: int) -> Iterator[Counter[str]]:
    """Let strangers try passwords meanwhile; the counter has the answers by status at the end.

    They are a process of their own: a visitor beside them shall not wait for its lock.
    """
    counted: Counter[str] = Counter()
    words = [sys.executable, "-m", "tests.deploy.flood", str(port), str(strangers)]
    process = subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield counted
    finally:
        told, _ = process.communicate("over")
        counted.update(json.loads(told))


@dataclass
class Strangers:
    """Visitors of many networks who try passwords at many national IDs, as fast as they can."""

    port: int
    answers: Counter[int] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self, number: int) -> None:
        """Try until the standard input ends; print how often each status came."""
        threads = [
            threading.Thread(target=self._work, args=(Random(seed),)) for seed in range(number)
        ]
        for thread in threads:
            thread.start()
        sys.stdin.read()
        self.over.set()
        for thread in threads:
            thread.join()
        print(json.dumps(self.answers))

    def _work(self, randomness: Random) -> None:
        while not self.over.is_set():
            line = Line(self.port, _network(randomness))
            with suppress(OSError, HTTPException):
                self._try_passwords(line, randomness)
            line.close()

    def _try_passwords(self, line: Line, randomness: Random) -> None:
        page = line.send("/login")
        cookies = "; ".join(one.partition(";")[0] for one in page.cookies)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.body)
        while token and not self.over.is_set():
            line.network = _network(randomness)
            form = {
                "csrf_token": token[1],
                "username": with_check_digit(f"{randomness.randrange(10**9):09}"),
                "password": f"Wrong#{randomness.randrange(10**9)}",
            }
            self.answers[line.send("/login", form, Cookie=cookies).status] += 1


def _network(randomness: Random) -> str:
    second, third = randomness.randrange(256), randomness.randrange(256)
    return f"5.{second}.{third}.{randomness.randrange(1, 255)}"


def times_of(ask: Callable[[], Answer], times: int) -> list[float]:
    """Return the milliseconds that ``times`` answers took, in ascending order; all must be 200."""
    took = []
    for _ in range(times):
        answer = ask()
        assert answer.status == 200, (answer.status, answer.body)
        took.append(answer.took)
    return sorted(took)


if __name__ == "__main__":
    Strangers(int(sys.argv[1])).run(int(sys.argv[2]))
