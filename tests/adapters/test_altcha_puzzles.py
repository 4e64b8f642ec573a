import base64
import json
import time
from hashlib import pbkdf2_hmac
from typing import Any

import altcha
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.altcha_puzzles import AltchaPuzzles

OURS = AltchaPuzzles(signing_secret="s" * 32, solution_secret="k" * 32)


def solved(puzzle: str) -> str:
    """What a browser sends: found by the library's own solver."""
    challenge = altcha.Challenge.from_dict(json.loads(puzzle))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


@pytest.fixture(scope="module")
def solution() -> str:
    return solved(OURS.make("form-1", 0))


def test_what_the_solver_finds_is_a_solution(solution):
    assert OURS.is_solved("form-1", solution)


def test_a_solution_is_of_one_subject(solution):
    assert not OURS.is_solved("form-2", solution)


def test_a_puzzle_of_another_signature_counts_for_nothing():
    theirs = AltchaPuzzles(signing_secret="x" * 32, solution_secret="k" * 32)
    assert not OURS.is_solved("form-1", solved(theirs.make("form-1", 0)))


def test_a_puzzle_made_easier_counts_for_nothing():
    puzzle = json.loads(OURS.make("form-1", 0))
    puzzle["parameters"]["keyPrefix"] = "00"
    assert not OURS.is_solved("form-1", solved(json.dumps(puzzle)))


def test_a_guessed_key_counts_for_nothing():
    challenge = altcha.Challenge.from_dict(json.loads(OURS.make("form-1", 0)))
    guess = altcha.Solution(counter=1, derived_key=challenge.parameters.key_prefix + "0" * 32)
    assert not OURS.is_solved("form-1", altcha.Payload(challenge, guess).to_base64())


def test_a_puzzle_takes_hundreds_of_derivations():
    challenge = altcha.Challenge.from_dict(json.loads(OURS.make("form-1", 0)))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    assert 250 <= solution.counter < 750


@pytest.mark.parametrize("difficulty", range(5))
def test_each_difficulty_doubles_the_derivations_and_none_the_check(difficulty):
    puzzle = json.loads(OURS.make("form-1", difficulty))
    counter = next(
        number
        for number in range(250 << difficulty, 750 << difficulty, 1 << difficulty)
        if key_of(puzzle, number).startswith(puzzle["parameters"]["keyPrefix"])
    )
    solution = altcha.Solution(counter=counter, derived_key=key_of(puzzle, counter))
    payload = altcha.Payload(altcha.Challenge.from_dict(puzzle), solution).to_base64()
    begun = time.thread_time()
    assert OURS.is_solved("form-1", payload)
    assert time.thread_time() - begun < 0.1  # finding it takes thousands of derivations


def key_of(puzzle: dict[str, Any], counter: int) -> str:
    """What a browser derives for a counter, without those before."""
    values = puzzle["parameters"]
    password = bytes.fromhex(values["nonce"]) + counter.to_bytes(4, "big")
    salt, rounds = bytes.fromhex(values["salt"]), values["cost"]
    return pbkdf2_hmac("sha256", password, salt, rounds, values["keyLength"]).hex()


@given(st.text(max_size=5000))
def test_any_text_is_borne(text):
    assert not OURS.is_solved("form-1", text)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_json_is_borne(value):
    payload = base64.b64encode(json.dumps(value).encode()).decode()
    assert not OURS.is_solved("form-1", payload)
