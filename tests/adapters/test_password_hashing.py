"""argon2id with a pepper (D11)."""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from idp.adapters.host_semaphore import HostSemaphore
from idp.adapters.password_hashing import Argon2Hashing
from idp.ports import HashingBusy

PEPPER, OTHER_PEPPER = b"p" * 32, b"q" * 32


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
