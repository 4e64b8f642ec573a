"""A question that hangs keeps nobody waiting, and is asked once for all who want it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest

from idp.adapters.latest_answer import LatestAnswer

SOON = timedelta(milliseconds=50)
LONG = timedelta(minutes=1)


class Question:
    """Answers with the number of times it was asked, once it may."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = Event()
        self.may_answer.set()

    def __call__(self) -> int:
        self.asked += 1
        number = self.asked
        self.may_answer.wait(10)
        return number


@pytest.fixture
def question() -> Iterator[Question]:
    made = Question()
    yield made
    made.may_answer.set()


def test_an_answer_is_returned(question):
    assert LatestAnswer(question, keep=LONG, within=LONG).get() == 1


def test_a_kept_answer_is_returned_again(question):
    latest = LatestAnswer(question, keep=LONG, within=LONG)
    assert (latest.get(), latest.get()) == (1, 1)


def test_an_old_answer_is_asked_for_anew(question):
    now = [0.0]
    latest = LatestAnswer(question, keep=SOON, within=LONG, seconds=lambda: now[0])
    latest.get()
    now[0] += 1
    assert latest.get() == 2


def test_a_question_that_hangs_is_none_in_time(question):
    question.may_answer.clear()
    assert LatestAnswer(question, keep=LONG, within=SOON).get() is None


def test_a_question_that_hangs_is_not_asked_twice(question):
    question.may_answer.clear()
    latest = LatestAnswer(question, keep=LONG, within=SOON)
    latest.get()
    latest.get()
    assert question.asked == 1


def test_nobody_waits_for_a_question_that_has_hung_for_long(question):
    question.may_answer.clear()
    now = [0.0]
    latest = LatestAnswer(question, keep=LONG, within=SOON, seconds=lambda: now[0])
    latest.get()
    now[0] += 3600
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(latest.get).result(5) is None


def test_all_who_want_it_at_once_get_one_answer(question):
    latest = LatestAnswer(question, keep=LONG, within=LONG)
    with ThreadPoolExecutor(8) as pool:
        answers = {one.result() for one in [pool.submit(latest.get) for _ in range(8)]}
    assert answers == {1}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_question_that_breaks_is_asked_again():
    asked = []

    def breaks_once() -> int:
        asked.append("")
        if len(asked) == 1:
            raise ValueError
        return len(asked)

    latest = LatestAnswer(breaks_once, keep=LONG, within=SOON)
    assert (latest.get(), latest.get()) == (None, 2)
