"""The files that ship with the code are found from a checkout. (From a wheel: test_wheel.py.)"""

import pytest

from idp import resources


def test_settings_are_found():
    assert resources.default_settings().name == "default.toml"


def test_a_wrong_name_is_a_clear_error():
    with pytest.raises(resources.MissingResource, match=r"no-such\.toml"):
        resources.settings_file("no-such")


def test_a_message_is_read_without_its_last_line_feed(tmp_path, monkeypatch):
    (tmp_path / "_templates" / "sms").mkdir(parents=True)
    (tmp_path / "_templates" / "sms" / "greeting.txt").write_bytes("سلام \r\nدوست\n\n".encode())
    monkeypatch.setattr(resources, "PACKAGE", tmp_path)

    assert resources.sms_text("greeting") == "سلام \r\nدوست\n"
