"""Sealing, opening and look-up digests (D13)."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.vault import AesVault
from idp.ports import BrokenSeal

OLD, NEW, INDEX = b"o" * 32, b"n" * 32, b"i" * 32


@pytest.fixture(scope="module")
def vault() -> AesVault:
    return AesVault([("k2", NEW), ("k1", OLD)], INDEX)


def test_what_was_sealed_opens(vault: AesVault) -> None:
    sealed = vault.seal("سلام".encode(), purpose="mobile", bound_to="a1")

    assert vault.open(sealed, purpose="mobile", bound_to="a1") == "سلام".encode()


@given(plain=st.binary(max_size=200), purpose=st.text(), bound_to=st.text())
def test_anything_can_be_sealed(vault: AesVault, plain: bytes, purpose: str, bound_to: str) -> None:
    sealed = vault.seal(plain, purpose=purpose, bound_to=bound_to)

    assert vault.open(sealed, purpose=purpose, bound_to=bound_to) == plain


def test_the_same_text_is_never_sealed_alike(vault: AesVault) -> None:
    assert vault.seal(b"x", purpose="p") != vault.seal(b"x", purpose="p")


def test_the_newest_key_seals(vault: AesVault) -> None:
    assert vault.seal(b"x", purpose="p").startswith("k2.")


def test_an_old_key_still_opens(vault: AesVault) -> None:
    sealed = AesVault([("k1", OLD)], INDEX).seal(b"x", purpose="p")

    assert vault.open(sealed, purpose="p") == b"x"


def test_a_removed_key_opens_nothing(vault: AesVault) -> None:
    sealed = vault.seal(b"x", purpose="p")

    with pytest.raises(BrokenSeal):
        AesVault([("k1", OLD)], INDEX).open(sealed, purpose="p")


def test_a_key_under_another_keys_id_opens_nothing(vault: AesVault) -> None:
    sealed = vault.seal(b"x", purpose="p").replace("k2.", "k1.", 1)

    with pytest.raises(BrokenSeal):
        vault.open(sealed, purpose="p")


@pytest.mark.parametrize(
    ("purpose", "bound_to"), [("other", "browser"), ("pb", "rowser"), ("p", "other"), ("p", "")]
)
def test_another_purpose_or_binding_does_not_open(
    vault: AesVault, purpose: str, bound_to: str
) -> None:
    sealed = vault.seal(b"x", purpose="p", bound_to="browser")

    with pytest.raises(BrokenSeal):
        vault.open(sealed, purpose=purpose, bound_to=bound_to)


@given(st.one_of(st.text(), st.text(alphabet="ABCab01-_=+/ \n").map("k2.".__add__)))
def test_arbitrary_text_is_a_broken_seal_and_never_another_error(
    vault: AesVault, text: str
) -> None:
    with pytest.raises(BrokenSeal):
        vault.open(text, purpose="p")


@given(st.data())
def test_no_changed_character_opens(vault: AesVault, data: st.DataObject) -> None:
    sealed = vault.seal(b"plain text", purpose="p")
    place = data.draw(st.integers(0, len(sealed) - 1))
    changed = sealed[:place] + data.draw(st.characters()) + sealed[place + 1 :]

    with suppress(BrokenSeal):
        assert vault.open(changed, purpose="p") == b"plain text"
        assert changed == sealed


def test_a_sealed_text_fits_a_url(vault: AesVault) -> None:
    sealed = vault.seal(b"x" * 100, purpose="p")

    assert all(c.isascii() and (c.isalnum() or c in "-_.") for c in sealed)


def test_a_broken_seal_does_not_quote_what_it_got(vault: AesVault) -> None:
    with pytest.raises(BrokenSeal) as broken:
        vault.open("k2.09121234567", purpose="p")

    assert "0912" not in str(broken.value)


def test_equal_values_have_equal_digests_whatever_the_sealing_keys(vault: AesVault) -> None:
    other = AesVault([("k9", b"9" * 32)], INDEX)

    assert vault.digest("0012345679", purpose="national_id") == other.digest(
        "0012345679", purpose="national_id"
    )


def test_a_digest_differs_by_purpose(vault: AesVault) -> None:
    assert vault.digest("1", purpose="a") != vault.digest("1", purpose="b")


def test_a_digest_needs_the_index_key(vault: AesVault) -> None:
    other = AesVault([("k2", NEW)], b"j" * 32)

    assert vault.digest("1", purpose="a") != other.digest("1", purpose="a")


@given(st.text(), st.text())
def test_a_digest_of_anything_is_64_hex_digits(vault: AesVault, value: str, purpose: str) -> None:
    assert len(bytes.fromhex(vault.digest(value, purpose=purpose))) == 32


@pytest.mark.parametrize(
    "keys", [[], [("k1", b"short")], [("k1", OLD), ("k1", NEW)], [("k.1", OLD)], [("", OLD)]]
)
def test_wrong_keys_stop_the_start(keys: list[tuple[str, bytes]]) -> None:
    with pytest.raises(ValueError, match="key"):
        AesVault(keys, INDEX)
