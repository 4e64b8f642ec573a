"""A script that asks on its standard output and is answered on its standard input."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.e2e.browsers import node

HERE = Path(__file__).parent

Answer = Callable[[str], str | None]


def talk(
    script: str, arguments: list[str], answers: Mapping[str, Answer], **environment: str
) -> list[str]:
    """Run the script of Node.js; return what it said with ``ok`` before it."""
    return converse([node(), script, *arguments], answers, **environment)


def converse(command: list[str], answers: Mapping[str, Answer], **environment: str) -> list[str]:
    """Run the command; return what it said with ``ok`` before it.

    A line that begins with a word of ``answers`` is a question; its answer, if any, is sent back.
    """
    said: list[str] = []
    with subprocess.Popen(
        command,
        cwd=HERE,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        for line in process.stdout:
            word, _, rest = line.rstrip("\n").partition(" ")
            if word == "ok":
                said.append(rest)
            answer = answers[word](rest) if word in answers else None
            if answer is not None:
                process.stdin.write(f"{answer}\n")
                process.stdin.flush()
        errors = process.stderr.read()
    assert process.returncode == 0, errors
    return said
