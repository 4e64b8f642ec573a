"""The settings of a command: those that are named, else those of the demo in this folder."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from idp import settings
from idp.cli.demo import DEFAULT_FOLDER, SETTINGS_LIST
from idp.private_files import opened_to_others
from idp.settings import CONFIG_VARIABLE, ENVIRONMENT_PREFIX, Settings, SettingsError

DEMO = Path(DEFAULT_FOLDER)
"""Where `idp demo` keeps its files, from the folder in which it was started."""

NONE_NAMED = (
    "No settings are named: set IDP_CONFIG, or start a demo in this folder (`make demo`), whose"
    " settings commands then use."
)


def load_for_commands(files: Sequence[Path] = ()) -> Settings:
    """Return the settings for a command, and say so on standard error when they are a demo's.

    A demo counts in the folder where it was started, and only when nothing is named: no file, no
    IDP_CONFIG, no IDP__ variable. Its folder must be the user's own and closed to others: whoever
    else can write there would choose the settings.

    Raises SettingsError.
    """
    if files or is_named(os.environ):
        return settings.load(files)
    listed = DEMO / SETTINGS_LIST
    if not _is_own(listed):
        return _load_defaults()
    found = [Path(one) for one in listed.read_text("utf-8").split(os.pathsep)]
    sys.stderr.write(f"(the demo in {DEMO}; IDP_CONFIG names other settings)\n")
    return settings.load(found)


def is_named(environment: Mapping[str, str]) -> bool:
    """Return whether the variables name settings."""
    return any(
        name == CONFIG_VARIABLE or name.startswith(ENVIRONMENT_PREFIX) for name in environment
    )


def _load_defaults() -> Settings:
    """Raise SettingsError with a hint: the defaults alone lack secrets."""
    try:
        return settings.load()
    except SettingsError as error:
        raise SettingsError(f"{error}\n{NONE_NAMED}") from None


def _is_own(listed: Path) -> bool:
    try:
        owners = {listed.stat().st_uid, listed.parent.stat().st_uid}
        return owners == {os.geteuid()} and opened_to_others(listed.parent) is None
    except OSError:
        return False
