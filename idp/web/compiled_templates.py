"""An in-memory cache of compiled templates, for all apps of a process and for its forks."""

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


COMPILED = CompiledTemplates()
