"""The software bill of materials (CycloneDX 1.6) of the wheel: ``make sbom``.

The same sources give the same bytes: time and serial number come from the commit and the lock.
"""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from release.licences import licence_of
from release.locked import ROOT, RUN_TIME, Locked, read_lock

NAME = "tamin-account"


def version() -> str:
    """Return the version of the package, as setup.cfg names it."""
    found = re.search(r"^version = (\S+)$", (ROOT / "setup.cfg").read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise ValueError("setup.cfg names no version")
    return found[1]


def epoch() -> int:
    """Return SOURCE_DATE_EPOCH, else the time of the newest commit, in seconds since 1970."""
    if (named := os.environ.get("SOURCE_DATE_EPOCH")) is not None:
        return int(named)
    shown = subprocess.run(  # noqa: S603 (the repository's own git)
        ["git", "-c", f"safe.directory={ROOT}", "log", "-1", "--format=%ct"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(shown.stdout)


def document(seconds: int) -> str:
    """Return the bill of materials as CycloneDX JSON, with this time."""
    root = Component(
        type=ComponentType.APPLICATION, name=NAME, version=version(), bom_ref=f"{NAME}@{version()}"
    )
    bom = Bom(
        components=[_component(one) for one in read_lock()],
        metadata=BomMetaData(component=root, timestamp=datetime.fromtimestamp(seconds, UTC)),
        serial_number=_serial(),
    )
    bom.register_dependency(root, bom.components)
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def _serial() -> UUID:
    return uuid5(NAMESPACE_URL, f"{NAME}@{version()}:{RUN_TIME.read_text('utf-8')}")


def _component(package: Locked) -> Component:
    purl = PackageURL("pypi", name=package.name, version=package.version)
    properties = [Property(name="marker", value=package.marker)] if package.marker else []
    return Component(
        type=ComponentType.LIBRARY,
        name=package.name,
        version=package.version,
        bom_ref=str(purl),
        purl=purl,
        licenses=[LicenseExpression(licence_of(package))],
        # One for each file that the lock allows: source, and a wheel for each platform.
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in package.hashes],
        properties=properties,
    )


def write(folder: Path, seconds: int) -> Path:
    """Write the bill of materials into the folder; return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{NAME}-{version()}.cdx.json"
    file.write_text(document(seconds), "utf-8")
    return file


if __name__ == "__main__":
    print(write(ROOT / "dist", epoch()), file=sys.stderr)
