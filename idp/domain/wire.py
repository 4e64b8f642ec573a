r"""Protocol text (headers, parameters, tokens), parsed by the grammars of the RFCs.

Python's string methods treat U+0085, U+00A0 and U+001C to U+001F as whitespace, and Arabic digits
as digits. Protocols do not: a name that begins with such a character is another name (attack X14).
Code that reads protocol text must not use ``str.strip()``, ``str.split()``, ``str.isdigit()``,
``\s``, ``\d`` or ``\w``; tests/architecture checks this.
"""

LARGEST_HEADER_LINE = 16 * 1024
"""The most bytes that the server accepts in one header line of a request."""
LARGEST_REQUEST_LINE = 8190
"""The most bytes that the server accepts in the request line."""
BLANKS = " \t"
"""OWS of RFC 9110 5.6.3."""


def words(text: str) -> tuple[str, ...]:
    """Return the words of a space-delimited list (RFC 6749 3.3); repeated spaces count as one."""
    return tuple(word for word in text.split(" ") if word)


def trimmed(text: str) -> str:
    """Return a header value without leading and trailing spaces and tabs (RFC 9110 5.5)."""
    return text.strip(BLANKS)
