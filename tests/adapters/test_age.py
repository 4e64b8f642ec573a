"""Files of age, version 1: the tool opens ours, ours opens the tool's, and nothing else opens."""

import base64
import io
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters import age, bech32
from idp.ports import BrokenBackup

KEYS, OTHERS = age.new_keys(), age.new_keys()
SIZES = [0, 1, age.CHUNK - 1, age.CHUNK, age.CHUNK + 1, 2 * age.CHUNK, 2 * age.CHUNK + 7]

# Written by age 1.1.1 (age-keygen; age -r).
TOOLS_KEY = "AGE-SECRET-KEY-1H6G2TZDRWY03U27ZCG2SX96VJ9LURG9GFZK73RM0F3AKTH7V7UQQKKAMY3"
TOOLS_FILE = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSAzc210NEZ2cCtrbDRJdFdBZmZkREVLZ1RjWlRX"
    "ck81WUphTFZTcnQxOWpFCjY5NU5PYlUxNGlNM29QYW1RMUo4U3ZWVlFoWk9NVTZjcWV1K240ZjkrdjAK"
    "LS0tIHBSanQ1bHBoMFY2WWRaTWZJNGVSckRQS3A3QzZJeGdDOCtNWkNBcTY4ZG8K17jU8106eAIeRuXl"
    "PFYIwfbUG3euq86Bv4V8KmVKa7/T9mgVxO9wyNix9Le0UIN1Nt+0eETGLDiJ81O4GnQ="
)


def written(plain: bytes, key: str = KEYS.public) -> bytes:
    return b"".join(age.encrypted([plain[:7], plain[7:]], age.public_key(key)))


def read(file: bytes, key: str = KEYS.private) -> bytes:
    return b"".join(age.decrypted(io.BytesIO(file), age.private_key(key)))


@pytest.mark.parametrize("size", SIZES)
def test_what_was_encrypted_can_be_read(size):
    plain = bytes(size)
    assert read(written(plain)) == plain


def test_a_file_of_the_tool_can_be_read():
    file = base64.b64decode(TOOLS_FILE)
    assert read(file, TOOLS_KEY) == b"a text that the tool encrypted"


def test_the_file_says_its_format_and_nothing_of_the_content():
    file = written(b"secret " * 100)
    assert file.startswith(b"age-encryption.org/v1\n-> X25519 ")
    assert b"secret" not in file


def test_the_same_content_is_another_file_each_time():
    assert written(b"one") != written(b"one")


def test_another_key_opens_nothing():
    with pytest.raises(BrokenBackup, match="not encrypted for this key"):
        read(written(b"one"), OTHERS.private)


@given(st.data())
def test_a_changed_byte_is_found(data):
    file = bytearray(FILE)
    place = data.draw(st.integers(0, len(file) - 1))
    file[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BrokenBackup):
        read(bytes(file))


FILE = written(b"some bytes of a backup")
LONG = written(bytes(2 * age.CHUNK + 7))
PAYLOAD = LONG.index(b"\n--- ") + 49 + 16
CHUNK = age.CHUNK + 16


@pytest.mark.parametrize("end", [0, 10, 100, PAYLOAD - 5, PAYLOAD + CHUNK, PAYLOAD + CHUNK + 9])
def test_a_file_that_was_cut_off_is_found(end):
    with pytest.raises(BrokenBackup):
        read(LONG[:end])


def test_chunks_in_another_order_are_found():
    head, first = LONG[:PAYLOAD], LONG[PAYLOAD : PAYLOAD + CHUNK]
    second, rest = LONG[PAYLOAD + CHUNK : PAYLOAD + 2 * CHUNK], LONG[PAYLOAD + 2 * CHUNK :]
    with pytest.raises(BrokenBackup):
        read(head + second + first + rest)


def test_bytes_after_the_end_are_found():
    with pytest.raises(BrokenBackup):
        read(FILE + b"more")


@pytest.mark.parametrize(
    "text",
    ["", "# no key\n", "age1abc", KEYS.public, f"{KEYS.private}\n" * 2],
    ids=["nothing", "a comment", "a part", "a public key", "two keys"],
)
def test_a_file_without_one_private_key_is_refused_without_showing_it(text):
    with pytest.raises(ValueError, match=r"key|bech32|check") as refused:
        age.private_key(text)
    assert KEYS.private not in str(refused.value)


def test_comments_of_the_tool_may_stand_beside_the_key():
    assert age.private_key(f"# created: today\n{KEYS.private}\n\n")


def test_a_letter_too_few_is_found():
    with pytest.raises(ValueError, match="check"):
        age.public_key(KEYS.public[:-1])


# BIP 173, test vectors.
@pytest.mark.parametrize("text", ["A12UEL5L", "a12uel5l", "?1ezyfcl"])
def test_empty_texts_of_the_standard_are_read(text):
    assert bech32.decode(text)[1] == b""


@pytest.mark.parametrize("text", ["A1G7SGD8", "pzry9x0s0muk", "x1b4n0q5v", "A12uEL5L", "1qzzfhee"])
def test_what_the_standard_refuses_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        bech32.decode(text)


@given(st.binary(max_size=64))
def test_bytes_survive_as_letters(data):
    assert bech32.decode(bech32.encode("age", data)) == ("age", data)


def test_pieces_may_have_any_size():
    pieces = chain(*([bytes([one])] * 3 for one in range(5)))
    file = b"".join(age.encrypted(pieces, age.public_key(KEYS.public)))
    assert read(file) == bytes([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4])
