"""A sample belongs to the innermost frame that is somebody's."""

import sys
from types import FrameType

import pytest

from tests.architecture.sources import ROOT
from tests.performance.sampling import group_of


def frame_in(file: str) -> FrameType:
    names = {"sys": sys}
    exec(compile("frame = sys._getframe()", file, "exec"), names)  # noqa: S102
    return names["frame"]


@pytest.mark.parametrize(
    ("file", "group"),
    [
        ("/env/lib/python3.11/site-packages/psycopg/cursor.py", "SQL"),
        ("/env/lib/python3.11/site-packages/joserfc/jws.py", "JOSE"),
        (f"{ROOT}/idp/protocol/token/tokens.py", "idp.protocol"),
        (f"{ROOT}/idp/deps.py", "idp.deps"),
        (f"{ROOT}/idp/adapters/password_hashing.py", "hashing"),
        (f"{ROOT}/templates/login/login.html", "templates"),
        ("/usr/lib/python3.11/json/decoder.py", "other"),
    ],
)
def test_a_file_belongs_to_a_group(file: str, group: str):
    assert group_of(frame_in(file)) == group
