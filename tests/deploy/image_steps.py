"""``make image-steps``: runs the Containerfile's steps in roots that are laid over this machine's.

Each stage has a root of its own: this machine's files below, a file system of memory above, so that
nothing of a step stays. The image that a stage begins with is this machine in its place. As root.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.architecture.sources import ROOT
from tests.deploy.containerfile import Stage, Step, stages_of

FILE = ROOT / "config" / "deploy" / "Containerfile"
USER = "10001:10001"
AS_THE_HUB = (
    ["id"],
    ["/opt/tamin-account/bin/idp", "--help"],
    ["sh", "-c", "/opt/tamin-account/bin/idp secrets >/dev/null"],
    ["sh", "-c", "! touch /opt/tamin-account/bin/other 2>/dev/null"],
    ["sh", "-c", "touch /var/lib/tamin-account/keys/mine"],
)
"""What the image's user must be able to do, and what not."""


def main() -> None:
    """Build all stages, and use the last one as its user."""
    built: dict[str, Path] = {}
    with ExitStack() as stack:
        for stage in stages_of(FILE):
            root = stack.enter_context(_root())
            built[stage.name] = root
            _build(stage, root, built)
        for command in AS_THE_HUB:
            _run(root, command, "--userspec", USER)
    print("the image's steps are well")


@contextmanager
def _root() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="idp-image-") as name, ExitStack() as stack:
        memory, root = Path(name) / "memory", Path(name) / "root"
        for folder in (memory, root):
            folder.mkdir()
        _mount(stack, memory, "-t", "tmpfs", "-o", "size=2g,mode=0755", "tmpfs")
        for folder in ("upper", "work"):
            (memory / folder).mkdir()
        layers = f"lowerdir=/,upperdir={memory}/upper,workdir={memory}/work"
        _mount(stack, root, "-t", "overlay", "-o", layers, "overlay")
        for shared in ("dev", "proc"):
            _mount(stack, root / shared, "--bind", f"/{shared}")
        (root / "root").chmod(0o711)  # in this layer only: a Python of root's is the image's here
        yield root


def _mount(stack: ExitStack, place: Path, *words: str) -> None:
    subprocess.run(["mount", *words, place], check=True)
    stack.callback(subprocess.run, ["umount", "--lazy", place], check=False)


def _build(stage: Stage, root: Path, built: dict[str, Path]) -> None:
    folder = Path("/")
    for step in stage.steps:
        print(f"{stage.name}: {step.name} {step.rest[:90]}", flush=True)
        match step.name:
            case "WORKDIR":
                folder = Path(step.rest)
                (root / step.rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "COPY":
                _copy(step, root, folder, built)
            case "RUN":
                _run(root, ["sh", "-ec", f"cd {folder} && {step.rest}"])


def _copy(step: Step, root: Path, folder: Path, built: dict[str, Path]) -> None:
    words = step.words
    source = ROOT
    if words[0].startswith("--from="):
        source = built[words.pop(0).removeprefix("--from=")]
    *names, target = words
    place = root / str(folder / target).lstrip("/")
    for name in names:
        found = source / name.lstrip("/")
        if found.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".git")
            shutil.copytree(found, place, symlinks=True, dirs_exist_ok=True, ignore=ignored)
        else:
            shutil.copy(found, place)


def _run(root: Path, command: list[str], *options: str) -> None:
    clean = {name: os.environ[name] for name in os.environ if not name.startswith("PYTHON")}
    done = subprocess.run(["chroot", *options, root, *command], env=clean, check=False)
    if done.returncode:
        sys.exit(f"the step failed with {done.returncode}: {' '.join(command)[:200]}")


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("image-steps needs root: it lays file systems over this machine's")
    main()
