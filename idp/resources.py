"""Finds the files that ship with the code: in a checkout, an editable install or a wheel.

``templates/``, ``config/`` and ``translations/`` lie in the root of the checkout; setup.cfg maps
them into the wheel as ``idp/_templates`` and so on. An editable install does not see mapped
packages, so it reads the checkout. Static files, migrations and demo material are ordinary package
data.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


class MissingResource(LookupError):
    """A file that ships with the code is missing: a broken build or a wrong name."""


def template_folder() -> Path:
    """Return the folder of the Jinja templates."""
    return _shipped("templates")


def default_settings() -> Path:
    """Return ``default.toml``, which holds every key with its default and its meaning."""
    return settings_file("default")


def settings_file(name: str) -> Path:
    """Return a settings file that ships with the code: ``default``, ``development``, ``guide``.

    Raises:
        MissingResource: there is no such file.
    """
    return _existing(_shipped("config") / f"{name}.toml")


def sms_text(message_id: str) -> str:
    """Return the text of an SMS as it is sent, or its pattern with ``{code}`` and the like.

    The file's final line feed is not part of the text; every other byte is.

    Raises:
        MissingResource: no message has this id.
    """
    path = _existing(template_folder() / "sms" / f"{message_id}.txt")
    return path.read_bytes().decode("utf-8").removesuffix("\n")


def mail_text(name: str) -> str:
    """Return the pattern of a mail: its subject, an empty line, its text.

    Raises:
        MissingResource: there is no such mail.
    """
    return _existing(template_folder() / "mail" / f"{name}.txt").read_text("utf-8")


def catalogue(language: str) -> Path:
    """Return the catalogue that translates the Persian sentences into ``language``.

    Raises:
        MissingResource: the language has no catalogue.
    """
    return _existing(_shipped("translations") / f"{language}.po")


def demo_file(name: str) -> Path:
    """Return a file of the demonstration, such as ``personas.json``: the people in its registry.

    Raises:
        MissingResource: there is no such file.
    """
    return _existing(PACKAGE / "demo" / name)


def _shipped(name: str) -> Path:
    mapped = PACKAGE / f"_{name}"
    return mapped if mapped.is_dir() else PACKAGE.parent / name


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise MissingResource(
            f"{path.name} did not come with this installation (looked for {path})"
        )
    return path
