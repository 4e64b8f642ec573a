"""Stylesheets and scripts use nothing that Chromium 80 lacks, but where they ask for it first."""

from pathlib import Path

import pytest

from tests.architecture import sheets
from tests.web import tour_of_sign_in
from tests.web.frame.stage import staged
from tests.web.old_phones.baseline import NAMES, Baseline

pytestmark = [pytest.mark.slow, pytest.mark.browser]

STATIC = Path("idp/web/static")
SHEETS = sorted(STATIC.glob("*.css"))
SCRIPTS = sorted(STATIC.glob("js/*.js"))
# Where it is asked: a hub's page, for some names are there on secure origins only.
GRID = "a { display: grid; }"


@pytest.fixture(scope="module")
def names_of_today(chromium) -> list[tuple[list[str], list[str]]]:
    """Kept for the module, for the page of another test is gone by then."""
    return []


@pytest.fixture
def baseline(stage, chromium, names_of_today) -> Baseline:
    page = tour_of_sign_in.the_login_page(stage.citizen)
    if not names_of_today:
        with staged(chromium, stage.citizen) as today:
            names_of_today.append(today.show(page).evaluate(NAMES))
    return Baseline(stage.show(page), names_of_today[0])


def found(baseline: Baseline, *texts: str) -> list[str]:
    read = [sheets.read(text) for text in texts]
    return list(baseline.of_sheets(read, sheets.variables(read)))


def test_the_stylesheets_are_read_whole_by_chromium_80(baseline):
    assert found(baseline, *(path.read_text("utf-8") for path in SHEETS)) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_runs_in_chromium_80(baseline, path):
    assert list(baseline.of_script(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "sheet",
    [
        "input:not([type=hidden], [type=radio]) { color: red; }",  # 88
        "a:is(b, c) { color: red; }",  # 88
        "a:has(b) { color: red; }",  # 105
        "a:focus-visible { color: red; }",  # 86
        "li::marker { color: red; }",  # 86
        "a, b::-moz-progress-bar { color: red; }",
        "a { inset-inline-end: 0; }",  # 87
        "a { inset: 0; }",  # 87
        "a { margin-inline: auto; }",  # 87
        "a { padding-block: 1px; }",  # 87
        "a { border-start-end-radius: 1px; }",  # 89
        "a { float: inline-start; }",  # 118
        "a { appearance: none; }",  # 84
        "a { aspect-ratio: 1; }",  # 88
        "a { accent-color: red; }",  # 93
        "a { overflow: clip; }",  # 90
        "a { height: 100dvh; }",  # 108
        "a { color: color-mix(in srgb, red, blue); }",  # 111
        "a { text-wrap: balance; }",  # 114
        ":root { --new: color-mix(in srgb, red, blue); } a { color: var(--new); }",
        "a { display: flex; gap: 1rem; }",  # 84
        "a { color: red; b & { color: blue; } }",  # 112
        "@layer one { a { color: red; } }",  # 99
        "@container (width > 1px) { a { color: red; } }",  # 105
        "@supports (display: grid) { a { inset: 0; } }",  # asks for what is there
        "@media (min-width: 1px) { a { inset: 0; } }",
    ],
)
def test_what_is_too_new_in_a_stylesheet_is_found(baseline, sheet):
    assert len(found(baseline, sheet)) == 1


@pytest.mark.parametrize(
    "sheet",
    [
        "@supports selector(:has(a)) { a:has(b) { inset: 0; } }",
        "@supports (inset: 0) { a { inset: 0; } }",
        "@media (scripting: enabled) { a { inset: 0; } }",  # a condition that it never heard of
        "a { -webkit-appearance: none; appearance: none; }",
        "a { width: 90vw; width: 90dvw; }",
        "b::-moz-progress-bar { color: red; }",
        "a { color-scheme: dark; }",
        "@font-face { font-family: A; } @keyframes b { to { color: red; } }",
        ":root { --old: clamp(1px, 2vw, 3px); } a { padding: var(--old); }",
        f"{GRID} a {{ gap: 1rem; }}",
    ],
)
def test_what_is_asked_for_first_or_has_another_word_before_it_may_be_new(baseline, sheet):
    assert found(baseline, sheet) == []


@pytest.mark.parametrize(
    "script",
    [
        "box.replaceChildren(one);",  # 86
        'text.replaceAll("a", "b");',  # 85
        "[1].at(0);",  # 92
        "Object.hasOwn(one, two);",  # 93
        "structuredClone(one);",  # 98
        "one ??= two;",  # 85
        "class A { #b() {} }",  # 84
        "const one = 1_000; one.toSorted();",  # 110
    ],
)
def test_what_is_too_new_in_a_script_is_found(baseline, script):
    assert len(list(baseline.of_script(script))) == 1


def test_an_await_that_a_module_stands_on_is_found(baseline):
    assert list(baseline.of_script("const one = await two();")) != []


@pytest.mark.parametrize(
    "script",
    [
        "one?.two ?? three;",  # 80
        "document.hasStorageAccess?.();",  # 119
        "// box.replaceChildren()",
        'if ("OTPCredential" in window) navigator.credentials.get({ otp: 1 });',
        "for (let at = 0; at < 3; at += 1) use(at);",
    ],
)
def test_what_is_asked_for_first_may_be_new_in_a_script(baseline, script):
    assert list(baseline.of_script(script)) == []
