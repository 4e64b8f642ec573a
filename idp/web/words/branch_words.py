"""The words for a branch inside a sentence, which lead to the page that finds one."""

from flask import request

from idp.web.http.languages import gettext, mark

WORDS = (mark("نزدیکترین شعبه"), mark("یکی از شعب"))
FINDER = "branches.show"


def around_branch(sentence: str) -> tuple[str, str, str]:
    """Return the sentence before, in and after its words for a branch.

    A sentence without such words comes back whole as the first part; so does every sentence on the
    page that the words lead to.
    """
    found = next((words for one in WORDS if (words := gettext(one)) in sentence), "")
    if not found or request.endpoint == FINDER:
        return sentence, "", ""
    return sentence.partition(found)
