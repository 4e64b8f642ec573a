r"""Text of protocols: what stands in headers, parameters and tokens, read as their grammars say.

Python counts U+0085, U+00A0 and U+001C to U+001F as blanks, and Arabic digits as digits. Protocols
do not: a name that begins with such a byte is another name (attack X14). So no code that reads
protocol text may use ``str.strip()``, ``str.split()``, ``str.isdigit()``, ``\s``, ``\d`` or
``\w``; tests/architecture holds that.
"""

LARGEST_HEADER_LINE = 16 * 1024
"""Bytes of a line of a request's header that the server lets in."""
BLANKS = " \t"
"""OWS of RFC 9110 5.6.3."""


def words(text: str) -> tuple[str, ...]:
    """Return the words of a list that spaces part (RFC 6749 3.3); more than one space is one."""
    return tuple(word for word in text.split(" ") if word)


def trimmed(text: str) -> str:
    """Return a header's value without the blanks around it (RFC 9110 5.5)."""
    return text.strip(BLANKS)
