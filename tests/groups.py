"""Which tests one of several processes runs after the other: those that start the same things."""

from zlib import crc32

from xdist.scheduler import LoadFileScheduling

DEPLOYMENT = "tests/deploy"
"""One installed wheel with its servers for all files of the folder."""
READERS = {
    "tests/attack/texts/test_names_of_portals.py",
    "tests/web/forms/test_what_is_said_of_a_code.py",
    "tests/web/frame/test_one_thing_is_said_once.py",
    "tests/web/frame/test_pages_in_two_languages.py",
    "tests/web/frame/test_password_managers.py",
    "tests/web/frame/test_stable_hooks.py",
    "tests/web/help/test_branches_are_linked.py",
    "tests/web/oauth/test_leaving.py",
}
"""They read the same pages of the tour, which a process walks to once (tests/web/seen.py)."""
PARTS = {
    "tests/web/frame/test_every_page.py": 4,
    "tests/web/frame/test_pages_stay_true.py": 4,
    "tests/web/old_phones/test_every_page.py": 3,
}
"""Files of minutes: whoever runs one would be waited for at the end."""


def group_of(nodeid: str) -> str:
    """Return the name of a test's group: its file, a part of it, or what several files share."""
    file = nodeid.partition("::")[0]
    if file.startswith(DEPLOYMENT):
        return DEPLOYMENT
    if file in READERS:
        return "readers of the tour"
    parts = PARTS.get(file, 1)
    return file if parts == 1 else f"{file} {crc32(nodeid.encode()) % parts}"


class Groups(LoadFileScheduling):
    """Gives a process a whole group."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
