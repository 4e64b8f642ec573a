"""``--help`` reads like a manual."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from idp.cli.main import idp

EXAMPLE = re.compile(r"^ +(?:[A-Z_]+=\S+ )?idp (.+)$", re.MULTILINE)
EXIT_CODES = ("0 done", "1 refused", "2 wrong use", "3 not found", "4 the surroundings")


def commands(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in sorted(group.commands.items()):
        yield (*above, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*above, name))


def command_of(words: tuple[str, ...]) -> click.Command:
    found: click.Command = idp
    for word in words:
        assert isinstance(found, click.Group)
        found = found.commands[word]
    return found


ALL = list(commands(idp))


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_a_command_says_what_it_does_in_a_sentence(words: tuple[str, ...]):
    text = command_of(words).help or ""
    first = text.strip().split("\n\n")[0]
    assert len(first) > 15
    assert first.rstrip().endswith((".", ":"))


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_option_says_what_it_means(words: tuple[str, ...]):
    silent = [
        option.opts
        for option in command_of(words).params
        if isinstance(option, click.Option) and not option.help
    ]
    assert silent == []


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_help_is_printed_without_settings_or_database(words: tuple[str, ...]):
    result = CliRunner().invoke(idp, [*words, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_exit_codes_are_named_at_the_front():
    front = " ".join(CliRunner().invoke(idp, ["--help"]).stdout.split())
    assert [code for code in EXIT_CODES if code not in front] == []


def examples_of(words: tuple[str, ...]) -> list[list[str]]:
    text = CliRunner().invoke(idp, [*words, "--help"], terminal_width=200).stdout
    return [shlex.split(line) for line in EXAMPLE.findall(text.partition("Examples:")[2])]


@pytest.mark.parametrize("name", sorted(idp.commands))
def test_every_manual_has_examples(name: str):
    assert examples_of((name,))


@pytest.mark.parametrize("name", sorted(idp.commands))
def test_every_example_is_a_command_with_its_options(name: str):
    for words in examples_of((name,)):
        depth = 2 if isinstance(idp.commands[words[0]], click.Group) else 1
        command = command_of(tuple(words[:depth]))
        known = {name for option in command.params for name in option.opts}
        assert {word for word in words[depth:] if word.startswith("-")} <= known, words
