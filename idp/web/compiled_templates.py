"""A cache of compiled templates, for all apps of a process, for its forks and for later starts."""

import json
from base64 import b64decode, b64encode

import jinja2
from jinja2 import Environment
from jinja2.bccache import Bucket, BytecodeCache


class CompiledTemplates(BytecodeCache):
    """Caches Jinja's bytecode; Jinja compares the source's checksum before it uses an entry."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load the template's bytecode when it is cached."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Cache the template's bytecode."""
        self._kept[bucket.key] = bucket.bytecode_to_string()

    def clear(self) -> None:
        """Remove all bytecode, so that every template is compiled again."""
        self._kept.clear()

    def stored(self, environment: Environment) -> bytes:
        """Return the bytecode as a later start of the same ``environment`` can restore it."""
        kept = {name: b64encode(code).decode() for name, code in sorted(self._kept.items())}
        return json.dumps([_compiler(environment), kept]).encode()

    def restore(self, stored: bytes, environment: Environment) -> None:
        """Cache what ``stored`` returned, unless other options compiled it.

        Bytecode is code: ``stored`` must come from this hub.
        """
        if stored:
            compiler, kept = json.loads(stored)
            if compiler == _compiler(environment):
                self._kept.update((name, b64decode(code)) for name, code in kept.items())


COMPILED = CompiledTemplates()


def _compiler(environment: Environment) -> list[object]:
    """Return what decides, beside the source, which bytecode Jinja makes."""
    return [
        jinja2.__version__,
        sorted(environment.extensions),
        environment.undefined.__name__,
        environment.trim_blocks,
        environment.lstrip_blocks,
    ]
