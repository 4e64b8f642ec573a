"""Rules that ruff does not know. Each finding reads ``file:line``."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, dotted, imports, sources

OUTSIDE = ("idp/app", "idp/settings/", "idp/adapters/")
UNIT_OF_WORK = "idp/store/unit_of_work.py"
SECRET_NAME = re.compile(r"(^|_)(secret|token|digest|verifier|mac|signature)$")
CLOCKS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"),
    *("datetime.datetime.now", "datetime.date.today"),
}
NETWORK = {"http.client", "httpx", "httpx2", "requests", "smtplib", "urllib.request"}
SOCKETS = {"socket.socket", "socket.create_connection", "socket.getaddrinfo"}

Rule = Callable[[ast.AST], bool]


def found(rule: Rule, allowed: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{source.name}:{node.lineno}"
        for source in sources()
        if not source.is_below(*allowed)
        for node in ast.walk(source.tree)
        if rule(node)
    ]


def imported(names: set[str], allowed: tuple[str, ...]) -> list[str]:
    return [
        f"{source.name}:{line} {name}"
        for source in sources()
        if not source.is_below(*allowed)
        for line, name in imports(source.tree)
        if any(name == one or name.startswith(f"{one}.") for one in names)
    ]


def templates() -> Iterator[Path]:
    return (ROOT / "templates").rglob("*.html")


def test_templates_escape_everything():
    unsafe = [
        path.name for path in templates() if re.search(r"\|\s*safe\b", path.read_text("utf-8"))
    ]
    assert unsafe == []


def test_code_marks_no_text_as_safe_html():
    assert found(lambda node: isinstance(node, ast.Name) and node.id == "Markup") == []


def test_query_and_form_are_never_read_as_one():
    assert found(lambda node: dotted(node) in {"request.values", "flask.request.values"}) == []


def test_flask_sessions_are_touched_in_one_file():
    def reads_session(node: ast.AST) -> bool:
        return isinstance(node, ast.Subscript) and dotted(node.value) in {
            "session",
            "flask.session",
        }

    assert found(reads_session) == []


def test_secrets_are_compared_in_constant_time():
    assert found(compares_a_secret) == []


def test_transactions_end_in_the_unit_of_work():
    def commits(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "commit"
        )

    assert found(commits, allowed=(UNIT_OF_WORK,)) == []


def test_the_clock_comes_in_by_the_constructor():
    assert found(lambda node: dotted(node) in CLOCKS, allowed=OUTSIDE) == []


def test_chance_comes_in_by_the_constructor():
    # `idp secrets` prints fresh ones, also where nothing can be built yet.
    allowed = (*OUTSIDE, "idp/cli/system.py")
    assert imported({"secrets", "random", "uuid.uuid4"}, allowed=allowed) == []


def test_the_environment_is_read_at_the_edge():
    reads = {"os.environ", "os.getenv", "os.environb"}
    edge = (*OUTSIDE, "idp/cli/")
    assert found(lambda node: dotted(node) in reads, allowed=edge) == []


def test_the_network_is_reached_through_adapters():
    assert imported(NETWORK, allowed=OUTSIDE) == []
    assert found(lambda node: dotted(node) in SOCKETS, allowed=OUTSIDE) == []


def compares_a_secret(node: ast.AST) -> bool:
    """``==`` or ``!=`` where a side is named like a secret and no side is a literal.

    A column (``table.c.digest``) is compared by the database, where only keyed digests lie.
    """
    if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
        return False
    sides = [node.left, *node.comparators]
    if any(isinstance(side, ast.Constant) or ".c." in dotted(side) for side in sides):
        return False
    return any(SECRET_NAME.search(_last_name(side)) for side in sides)


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else dotted(node)


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("client_secret == given", True),
        ("given != self.code_digest", True),
        ("row.token == hash", True),
        ("token_type == 'Bearer'", False),
        ("secret == ''", False),
        ("codes.c.digest == digest", False),
        ("method == other", False),
    ],
)
def test_a_comparison_of_secrets_is_recognised(code, is_one):
    assert compares_a_secret(ast.parse(code, mode="eval").body) is is_one
