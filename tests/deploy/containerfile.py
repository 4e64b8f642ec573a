"""Reads a Containerfile into its stages and steps."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """One instruction: its name in capitals, and the rest of its line."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """The words of an instruction in shell form or, as JSON, in exec form."""
        if self.rest.startswith("["):
            words: list[str] = json.loads(self.rest)
            return words
        return shlex.split(self.rest)


@dataclass
class Stage:
    """What begins with FROM."""

    image: str
    name: str
    steps: list[Step] = field(default_factory=list)

    def last(self, name: str) -> Step:
        """Return the last step of this name. Raises LookupError."""
        for step in reversed(self.steps):
            if step.name == name:
                return step
        raise LookupError(name)


def stages_of(file: Path) -> list[Stage]:
    """Return the stages; an ARG before the first FROM is put in where it is used."""
    stages: list[Stage] = []
    arguments: dict[str, str] = {}
    for step in _steps(file.read_text("utf-8")):
        if step.name == "FROM":
            words = [_put_in(word, arguments) for word in step.words]
            stages.append(Stage(words[0], words[-1]))
        elif not stages:
            name, _, value = step.rest.partition("=")
            arguments[name] = value
        else:
            stages[-1].steps.append(step)
    return stages


def _put_in(text: str, arguments: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: arguments[found[1]], text)


def _steps(text: str) -> list[Step]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    whole = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    split = (line.partition(" ") for line in whole.splitlines())
    return [Step(name, rest.strip()) for name, _, rest in split]
