"""argon2id with a pepper (D11)."""

import hmac
import time
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id as OpensslsArgon2id
from hypothesis import example, given
from hypothesis import strategies as st

from idp.adapters.host_semaphore import HostSemaphore
from idp.adapters.password_hashing import Argon2Hashing
from idp.ports import HashCosts, HashingBusy

PEPPER, OTHER_PEPPER = b"p" * 32, b"q" * 32
STORED_BY_ARGON2_CFFI = [
    (
        "p1:$argon2id$v=19$m=8,t=1,p=1$0B4EgYr6etGwqP7o5Amo5g"
        "$ke9/vC+YlPWfuNDZrp3Z1Il2+TCt1XtI57kWohHfIcU"
    ),
    (
        "p1:$argon2id$v=19$m=64,t=1,p=1$rzg0tysvMzJDs5jc09dbxg"
        "$0rtBo/JI0uxwYvgHaL/fQQtsclO7EjjcbnaXMYSUUA4"
    ),
    (
        "p1:$argon2id$v=19$m=7168,t=5,p=1$hTiOK04phG6TMHbnGRrYzA"
        "$AHLKm64/I9YxGnnfLf0717ROwI2SHX08lb6us9Oy+Ig"
    ),
    (
        "p1:$argon2id$v=19$m=19456,t=2,p=1$v1vQnWwWeY70Z/Iq/Me1yg"
        "$YHKWu3pyI4WO7ao+HVkWF/vB1UofyJKGzIKApME7dnw"
    ),
    (
        "p1:$argon2id$v=19$m=47104,t=1,p=1$+w0ERKK/E735EwepNJFgzQ"
        "$yuEB6gCmXnNMbWQanUMu3m3hVSTg7LxcZxMzUsdVszQ"
    ),
]
"""Hashes of ``Salam#1234`` that argon2-cffi 25.1 made."""
OF_ANOTHER_KIND = {
    "argon2i": "p1:$argon2i$v=19$m=64,t=3,p=1$i7/0i1jHglYqRIk6o0W+Ag"
    "$BwISXM1LMJlAF5DT3X/LzJ8k60bC6QXxVuDw+EEQak8",
    "argon2d": "p1:$argon2d$v=19$m=64,t=3,p=1$QzSbBFCDs1lWi3oQjsTseg"
    "$DcvvHjS2oVJ1A7ykraOjRKoi8F22SmM91tZCqYCTU/I",
    "four lanes": "p1:$argon2id$v=19$m=64,t=3,p=4$ZqhlsGEHoVY5rvdKO+2Pjg"
    "$D110qCAyzXAK2slnqq3S1nDLzL4rejiJm+bfA5QVkdM",
    "version 16": "p1:$argon2id$v=16$m=64,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg"
    "$nIN10f6Bc+ewWnMZL7aayNTQn+xdYoHMSWQyfr4oEW8",
}
"""Hashes of ``Salam#1234`` that the hub never makes."""
REST = f"${'A' * 22}${'A' * 43}"
HOSTILE = {
    "all the memory": f"p1:$argon2id$v=19$m=4294967295,t=1,p=1{REST}",
    "over a gibibyte": f"p1:$argon2id$v=19$m=1048577,t=1,p=1{REST}",
    "four billion passes": f"p1:$argon2id$v=19$m=8,t=4294967295,p=1{REST}",
    "a cost of a hundred digits": f"p1:$argon2id$v=19$m={'9' * 100},t=1,p=1{REST}",
    "no memory": f"p1:$argon2id$v=19$m=0,t=1,p=1{REST}",
    "too little memory": f"p1:$argon2id$v=19$m=7,t=1,p=1{REST}",
    "no pass": f"p1:$argon2id$v=19$m=8,t=0,p=1{REST}",
    "a leading zero": f"p1:$argon2id$v=19$m=08,t=1,p=1{REST}",
    "Persian digits": f"p1:$argon2id$v=19$m=۶۴,t=1,p=1{REST}",
    "a negative cost": f"p1:$argon2id$v=19$m=-8,t=1,p=1{REST}",
    "a NUL": f"p1:$argon2id$v=19$m=8,t=1,p=1{REST}\0",
    "a line more": f"p1:$argon2id$v=19$m=8,t=1,p=1{REST}\n",
    "a surrogate": f"p1:$argon2id$v=19$m=8,t=1,p=1{REST}\ud800",
    "base64 that ends in stray bits": f"p1:$argon2id$v=19$m=8,t=1,p=1{REST[:-1]}B",
    "no salt": f"p1:$argon2id$v=19$m=8,t=1,p=1$${'A' * 43}",
    "an empty hash": f"p1:$argon2id$v=19$m=8,t=1,p=1${'A' * 22}$",
    "a megabyte": f"p1:$argon2id$v=19$m=8,t=1,p=1${'A' * 1_000_000}${'A' * 43}",
    "scrypt": "p1:$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D",
}


def slots(folder: Path, **changes: object) -> HostSemaphore:
    made = HostSemaphore(folder=folder, count=1, queue=8, wait=timedelta(milliseconds=50))
    return replace(made, **changes)


def hashing(
    folder: Path, *peppers: tuple[str, bytes], memory_kib: int = 64, time_cost: int = 1
) -> Argon2Hashing:
    return Argon2Hashing(
        peppers or [("p1", PEPPER)], slots(folder), memory_kib=memory_kib, time_cost=time_cost
    )


def test_the_right_text_verifies(tmp_path: Path) -> None:
    argon2 = hashing(tmp_path)

    assert argon2.verify("Aa1%aaaa", argon2.hash("Aa1%aaaa"))


def test_another_text_does_not_verify(tmp_path: Path) -> None:
    argon2 = hashing(tmp_path)

    assert not argon2.verify("Aa1%aaab", argon2.hash("Aa1%aaaa"))


def test_the_parameters_are_those_of_the_decision(tmp_path: Path) -> None:
    argon2 = Argon2Hashing([("p1", PEPPER)], slots(tmp_path))

    assert "$argon2id$v=19$m=19456,t=2,p=1$" in argon2.hash("Aa1%aaaa")


def test_a_hash_is_salted(tmp_path: Path) -> None:
    argon2 = hashing(tmp_path)

    assert argon2.hash("Aa1%aaaa") != argon2.hash("Aa1%aaaa")


@pytest.mark.parametrize("text", ["", "\0", "a\0b", "گذرواژه", "\ud800", "x" * 1024])
def test_odd_texts_hash_and_verify(tmp_path: Path, text: str) -> None:
    argon2 = hashing(tmp_path)

    assert argon2.verify(text, argon2.hash(text))


def test_nothing_is_cut_at_a_nul(tmp_path: Path) -> None:
    argon2 = hashing(tmp_path)

    assert not argon2.verify("a\0c", argon2.hash("a\0b"))


def test_nothing_is_cut_at_72_bytes(tmp_path: Path) -> None:
    argon2 = hashing(tmp_path)

    assert not argon2.verify("x" * 72 + "b", argon2.hash("x" * 72 + "a"))


def test_a_megabyte_is_refused_when_hashed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1024"):
        hashing(tmp_path).hash("x" * 1_000_000)


def test_a_megabyte_verifies_nothing(tmp_path: Path) -> None:
    argon2 = hashing(tmp_path)

    assert not argon2.verify("x" * 1_000_000, argon2.hash("x"))


@pytest.mark.parametrize("stored", [None, "", "p1:", "p1:garbage", "p9:$argon2id$", "$argon2id$"])
def test_nobody_and_unreadable_strings_verify_nothing(tmp_path: Path, stored: str | None) -> None:
    assert not hashing(tmp_path).verify("Aa1%aaaa", stored)


@pytest.mark.parametrize("stored", STORED_BY_ARGON2_CFFI)
def test_hashes_of_the_former_library_verify(tmp_path: Path, stored: str) -> None:
    assert hashing(tmp_path).verify("Salam#1234", stored)


@pytest.mark.parametrize("stored", STORED_BY_ARGON2_CFFI)
def test_hashes_of_the_former_library_match_no_other_text(tmp_path: Path, stored: str) -> None:
    assert not hashing(tmp_path).verify("Salam#1235", stored)


@pytest.mark.parametrize(("memory_kib", "time_cost"), [(8, 1), (64, 3), (19456, 2)])
def test_a_hash_verifies_by_another_library(
    tmp_path: Path, memory_kib: int, time_cost: int
) -> None:
    stored = hashing(tmp_path, memory_kib=memory_kib, time_cost=time_cost).hash("Salam#1234")
    secret = hmac.new(PEPPER, b"Salam#1234", sha256).digest()

    OpensslsArgon2id.verify_phc_encoded(secret, stored.removeprefix("p1:"))  # raises otherwise


@pytest.mark.parametrize("stored", OF_ANOTHER_KIND.values(), ids=OF_ANOTHER_KIND)
def test_hashes_that_the_hub_never_makes_verify_nothing(tmp_path: Path, stored: str) -> None:
    assert not hashing(tmp_path).verify("Salam#1234", stored)


@pytest.mark.parametrize("stored", OF_ANOTHER_KIND.values(), ids=OF_ANOTHER_KIND)
def test_hashes_that_the_hub_never_makes_need_a_rehash(tmp_path: Path, stored: str) -> None:
    assert hashing(tmp_path).needs_rehash(stored)


@pytest.mark.parametrize("stored", HOSTILE.values(), ids=HOSTILE)
def test_hostile_hashes_verify_nothing(tmp_path: Path, stored: str) -> None:
    assert not hashing(tmp_path).verify("Salam#1234", stored)


@pytest.mark.parametrize("stored", HOSTILE.values(), ids=HOSTILE)
def test_hostile_hashes_need_a_rehash(tmp_path: Path, stored: str) -> None:
    assert hashing(tmp_path).needs_rehash(stored)


@given(stored=st.text() | st.from_regex(r"\Ap1:\$argon2id?\$v=19\$[mtp=,0-9]{0,20}\$[A-Za-z$]*\Z"))
@example(stored="p1:$argon2id$v=19$m=8,t=1,p=1$$")
def test_no_stored_text_raises(tmp_path_factory: pytest.TempPathFactory, stored: str) -> None:
    argon2 = hashing(tmp_path_factory.getbasetemp() / "any")

    assert not argon2.verify("Salam#1234", stored)


def test_costs_of_hostile_rows_are_not_computed(tmp_path: Path) -> None:
    """Every try computes one hash of each cost in the table of accounts."""
    costs = HashCosts(frozenset({"m=4294967295,t=1,p=1", "m=8,t=4294967295,p=1", "m=8,t=1,p=9"}))
    argon2 = Argon2Hashing(
        [("p1", PEPPER)], slots(tmp_path), memory_kib=64, time_cost=1, stored_costs=lambda: costs
    )

    assert argon2.verify("Aa1%aaaa", argon2.hash("Aa1%aaaa"))


def test_nobody_costs_what_somebody_costs(tmp_path: Path) -> None:
    argon2 = hashing(tmp_path, memory_kib=8 * 1024, time_cost=2)
    stored = argon2.hash("Aa1%aaaa")

    def best_of_five(hashed: str | None) -> float:
        def once() -> float:
            start = time.process_time()
            argon2.verify("Aa1%aaab", hashed)
            return time.process_time() - start

        return min(once() for _ in range(5))

    assert best_of_five(None) > best_of_five(stored) / 2


def test_an_old_pepper_still_verifies(tmp_path: Path) -> None:
    stored = hashing(tmp_path, ("p1", PEPPER)).hash("Aa1%aaaa")

    assert hashing(tmp_path, ("p2", OTHER_PEPPER), ("p1", PEPPER)).verify("Aa1%aaaa", stored)


def test_another_pepper_verifies_nothing(tmp_path: Path) -> None:
    stored = hashing(tmp_path, ("p1", PEPPER)).hash("Aa1%aaaa")

    assert not hashing(tmp_path, ("p1", OTHER_PEPPER)).verify("Aa1%aaaa", stored)


def test_a_fresh_hash_needs_no_rehash(tmp_path: Path) -> None:
    argon2 = hashing(tmp_path)

    assert not argon2.needs_rehash(argon2.hash("Aa1%aaaa"))


def test_an_old_pepper_needs_a_rehash(tmp_path: Path) -> None:
    stored = hashing(tmp_path, ("p1", PEPPER)).hash("Aa1%aaaa")

    assert hashing(tmp_path, ("p2", OTHER_PEPPER), ("p1", PEPPER)).needs_rehash(stored)


def test_old_parameters_need_a_rehash(tmp_path: Path) -> None:
    stored = hashing(tmp_path, time_cost=1).hash("Aa1%aaaa")

    assert hashing(tmp_path, time_cost=2).needs_rehash(stored)


def test_garbage_needs_a_rehash(tmp_path: Path) -> None:
    assert hashing(tmp_path).needs_rehash("p1:garbage")


@pytest.mark.parametrize("peppers", [[("p1", b"short")], [("p:1", PEPPER)], [("", PEPPER)]])
def test_a_wrong_pepper_stops_the_start(tmp_path: Path, peppers: list[tuple[str, bytes]]) -> None:
    with pytest.raises(ValueError, match="pepper"):
        hashing(tmp_path, *peppers)


def test_a_taken_machine_is_busy_after_the_wait(tmp_path: Path) -> None:
    argon2 = hashing(tmp_path)

    with slots(tmp_path).one(), pytest.raises(HashingBusy):
        argon2.hash("Aa1%aaaa")


def test_verifying_nobody_needs_a_slot_too(tmp_path: Path) -> None:
    argon2 = hashing(tmp_path)

    with slots(tmp_path).one(), pytest.raises(HashingBusy):
        argon2.verify("Aa1%aaaa", None)
