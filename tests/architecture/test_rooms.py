"""Tree and packages are those of setup.cfg; the rules stay pure. Directions: import-linter."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

from tests.architecture.sources import ROOT, Source, dotted, imports, setup, sources

MAPPED = {"idp._config", "idp._templates", "idp._translations"}  # lie in the root of the checkout
# Come with another package, as parts of its interface.
PARTS = {
    "jinja2": "flask",
    "markupsafe": "flask",
    "werkzeug": "flask",
    "pydantic_core": "pydantic",
}
# Named by a setting, an address or a command, never imported by us.
NEVER_IMPORTED = {"hiredis"}
EXTRAS = ("fast", "hsm", "postgres", "redis", "traces")
PURE = ("idp.domain", "urllib.parse")
PURE_PACKAGES = {"email_validator", "persiantools"}
MODULES_WITH_EFFECTS = {
    "urllib",
    *("asyncio", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets"),
    *("shutil", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time"),
}


def test_setup_cfg_names_every_package():
    tree = {
        ".".join(init.parent.relative_to(ROOT).parts)
        for init in (ROOT / "idp").rglob("__init__.py")
    }
    named = set(setup()["options"]["packages"].split())
    assert named - MAPPED == tree


def declared_packages() -> set[str]:
    options, extras = setup()["options"], setup()["options.extras_require"]
    lines = "\n".join([options["install_requires"], *(extras[one] for one in EXTRAS)])
    return set(re.findall(r"^[a-z][a-z0-9-]*", lines, re.MULTILINE))


def imported_packages() -> set[str]:
    tops = {name.partition(".")[0] for source in sources() for _, name in imports(source.tree)}
    strangers = {
        PARTS.get(top, top) for top in tops - sys.stdlib_module_names - {"idp", "_typeshed"}
    }
    owners = packages_distributions()
    return {name for top in strangers for name in distributions(owners.get(top, [top]))}


def distributions(owners: list[str]) -> set[str]:
    """Return the package of a module; of one that several share (a namespace), the declared."""
    names = [owner.lower().replace("_", "-") for owner in owners]
    return declared_packages().intersection(names) or set(names[:1])


def test_every_imported_package_is_declared():
    assert imported_packages() - declared_packages() == set()


def test_every_declared_package_is_imported():
    assert declared_packages() - imported_packages() == NEVER_IMPORTED


def test_every_package_says_what_it_is():
    silent = [
        source.name
        for source in sources()
        if source.name.endswith("__init__.py") and not ast.get_docstring(source.tree)
    ]
    assert silent == []


def rules() -> list[Source]:
    return [source for source in sources() if source.is_below("idp/domain/")]


def test_the_rules_import_the_standard_library_and_two_packages_only():
    allowed = (sys.stdlib_module_names | PURE_PACKAGES) - MODULES_WITH_EFFECTS
    strangers = [
        f"{source.name}:{line} {name}"
        for source in rules()
        for line, name in imports(source.tree)
        if not name.startswith(PURE) and name.partition(".")[0] not in allowed
    ]
    assert strangers == []


def test_the_rules_open_no_file():
    opened = [
        f"{source.name}:{node.lineno}"
        for source in rules()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and dotted(node.func) in {"open", "input", "print"}
    ]
    assert opened == []
