"""No citizen waits while a page is compiled: that is done before web processes are forked."""

import jinja2
import pytest
from jinja2 import Environment
from jinja2.compiler import CodeGenerator

from idp.web.app import compile_pages
from idp.web.compiled_templates import COMPILED


class NothingToCompile(CodeGenerator):
    """Jinja's compiler, at which nobody may arrive any more."""

    def __init__(self, *_args, **_options):
        raise AssertionError("compiled while a citizen waits")


def test_what_was_compiled_before_serves_an_app_that_is_made_later(make_hub):
    COMPILED.clear()
    compile_pages()
    hub = make_hub()
    hub.app.jinja_env.code_generator_class = NothingToCompile

    for path in ("/login", "/register", "/recover", "/guide", "/nowhere"):
        assert "<html" in hub.browser().get(path).text


def test_a_page_that_nobody_compiled_is_compiled_when_asked_for(hub):
    COMPILED.clear()

    assert "<html" in hub.browser().get("/login").text


def test_a_later_start_compiles_nothing(monkeypatch):
    COMPILED.clear()
    stored = compile_pages()
    COMPILED.clear()
    monkeypatch.setattr(Environment, "code_generator_class", NothingToCompile)

    assert compile_pages(stored) == stored


def test_what_another_release_of_jinja_compiled_is_not_used(monkeypatch):
    COMPILED.clear()
    monkeypatch.setattr(jinja2, "__version__", "0")
    stored = compile_pages()
    monkeypatch.undo()
    COMPILED.clear()
    monkeypatch.setattr(Environment, "code_generator_class", NothingToCompile)

    with pytest.raises(AssertionError, match="compiled while"):
        compile_pages(stored)
