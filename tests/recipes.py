"""The recipes of docs/integrate/recipes: each page is the source of what is run."""

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "integrate" / "recipes"
BY_MAKE = "make recipes"
_BLOCK = re.compile(r"(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_RUN = re.compile(r"^\*\*Run\*\* with (.+) on (\d{4}-\d\d-\d\d) by `([^`]+)`\.$", re.MULTILINE)
_NOT_RUN = re.compile(
    r"^\*\*Not run\*\*: written on \d{4}-\d\d-\d\d from the documentation of .+$", re.MULTILINE
)
_OPEN = re.compile(r"Open <(\S+)>: the page shows `([^`]+)`")
_LEAVE = re.compile(r"<(\S+)> signs out")


@dataclass(frozen=True)
class Recipe:
    """A page, read."""

    name: str
    text: str

    @cached_property
    def client_files(self) -> list[str]:
        """The client files that the page registers: TOML that names a client."""
        return [text for _, kind, text in self._blocks if kind == "toml" and "client_id" in text]

    @cached_property
    def client(self) -> dict[str, Any]:
        """The first client file, parsed."""
        return tomllib.loads(self.client_files[0])

    @property
    def files(self) -> dict[str, str]:
        """The files of the portal by their names."""
        return {name: text for name, _, text in self._blocks if name}

    @property
    def commands(self) -> list[str]:
        """What is typed: to install, and at last to start the portal."""
        typed = [text for name, kind, text in self._blocks if kind == "sh" and not name]
        return typed[0].strip().splitlines() if typed else []

    @property
    def claim(self) -> tuple[str, str] | None:
        """What it was run with, and by what; None: the page does not say that it was run."""
        said = _RUN.search(self.text)
        return (said[1], said[3]) if said else None

    @property
    def admits_that_it_was_not_run(self) -> bool:
        """Whether the page says so, with what it was written from."""
        return _NOT_RUN.search(self.text) is not None

    @property
    def opens(self) -> tuple[str, str] | None:
        """The address that begins a sign-in, and the words that a signed-in citizen sees."""
        said = _OPEN.search(self.text)
        return (said[1], said[2]) if said else None

    @property
    def leaves(self) -> str | None:
        """The address that signs out."""
        said = _LEAVE.search(self.text)
        return said[1] if said else None

    @property
    def is_run_by_make(self) -> bool:
        """Whether `make recipes` runs it."""
        return self.claim is not None and self.claim[1] == BY_MAKE

    def at(self, port: int) -> "Recipe":
        """Return the recipe for another port than 3000."""
        return Recipe(self.name, self.text.replace("3000", str(port)))

    @cached_property
    def _blocks(self) -> list[tuple[str, str, str]]:
        return _BLOCK.findall(self.text)


def all_recipes() -> list[Recipe]:
    """Return the recipes, in the order of their names."""
    pages = sorted(set(FOLDER.glob("*.md")) - {FOLDER / "README.md"})
    return [read(page) for page in pages]


def read(page: Path) -> Recipe:
    """Return the page, read."""
    return Recipe(page.stem, page.read_text("utf-8"))
