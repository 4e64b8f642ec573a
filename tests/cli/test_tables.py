"""Tables for people: columns stand under their heads, and a cell is only text."""

import pytest

from idp.cli.tables import print_rows

ROWS = [{"name": "x", "end": "|"}, {"name": "", "end": "|"}]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("سوابق بیمه", 10),
        ("احمدی\N{ZERO WIDTH NON-JOINER}نژاد", 9),
        ("مُحَمَّد", 4),
        ("portal", 6),
    ],
)
def test_a_persian_name_takes_the_columns_that_a_terminal_gives_it(capsys, name, columns):
    print_rows([{"name": name, "end": "|"}, {"name": "x" * 20, "end": "|"}], as_json=False)
    _, first, second = capsys.readouterr().out.splitlines()
    assert first == f"{name}{' ' * (20 - columns)}  |"
    assert second == f"{'x' * 20}  |"


@pytest.mark.parametrize("harm", ["\x1b[2J", "\n", "\r", "\x07", "\N{RIGHT-TO-LEFT OVERRIDE}"])
def test_a_cell_cannot_move_the_cursor_or_forge_a_line(capsys, harm):
    print_rows([{"reason": f"a{harm}b"}], as_json=False)
    shown = capsys.readouterr().out
    assert harm[0] not in shown.removesuffix("\n").partition("\n")[2]
    assert shown.count("\n") == 2
