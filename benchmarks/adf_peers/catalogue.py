"""The converters of others that are measured, with the versions that are installed.

Belongs here: names, packages and commands. A peer that cannot be installed stays in the list:
the tables say so.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from benchmarks.adf_peers.processes import PeerProcess
from benchmarks.packages import PackageUnavailableError, npm_folder, python_of

_DRIVERS = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One converter to ADF."""

    name: str
    driver_name: str
    source: Literal["html", "markdown"]
    registry: Literal["npm", "pypi"]
    packages: tuple[str, ...]

    def start(self) -> PeerProcess:
        """Install it, if it is not yet, and make its process.

        Raises:
            PackageUnavailableError: it could not be installed.
        """
        name = self.driver_name.replace("+", "-")
        if self.registry == "pypi":
            python = python_of(name, self.packages)
            driver = str(_DRIVERS / "python_driver.py")
            return PeerProcess([str(python), driver, self.driver_name])
        node = shutil.which("node")
        if node is None:
            raise PackageUnavailableError("node is not installed")
        folder = npm_folder(name, self.packages)
        driver = str(_DRIVERS / "node_driver.mjs")
        return PeerProcess([node, driver, str(folder), self.driver_name])


@contextmanager
def started(peer: Peer) -> Iterator[PeerProcess]:
    """Run a peer for the length of a block.

    Raises:
        PackageUnavailableError: it could not be installed.
    """
    process = peer.start()
    try:
        yield process
    finally:
        process.close()


HTML_PEERS: Final = (
    Peer(
        name="htmltoadf 0.1.13 (npm)",
        driver_name="htmltoadf",
        source="html",
        registry="npm",
        packages=("htmltoadf@0.1.13",),
    ),
    Peer(
        name="jsdom + Atlaskit ProseMirror (npm)",
        driver_name="prosemirror",
        source="html",
        registry="npm",
        packages=(
            "jsdom@26.1.0",
            "@atlaskit/editor-json-transformer@9.8.2",
            "@atlaskit/editor-prosemirror@9.0.0",
            "@atlaskit/adf-schema@57.7.22",
        ),
    ),
    Peer(
        name="@razroo/html-to-adf 1.1.5 (npm)",
        driver_name="html-to-adf",
        source="html",
        registry="npm",
        packages=("@razroo/html-to-adf@1.1.5",),
    ),
    Peer(
        name="markdownify 1.2.3 + marklas 0.8.6 (PyPI)",
        driver_name="markdownify+marklas",
        source="html",
        registry="pypi",
        packages=("markdownify==1.2.3", "marklas==0.8.6"),
    ),
    Peer(
        name="markdownify 1.2.3 + md-adf 0.2.2 (PyPI)",
        driver_name="markdownify+md-adf",
        source="html",
        registry="pypi",
        packages=("markdownify==1.2.3", "md-adf==0.2.2"),
    ),
)
MARKDOWN_PEERS: Final = (
    Peer(
        name="marklas 0.8.6 (PyPI)",
        driver_name="marklas",
        source="markdown",
        registry="pypi",
        packages=("marklas==0.8.6",),
    ),
    Peer(
        name="marklassian 1.2.1 (npm)",
        driver_name="marklassian",
        source="markdown",
        registry="npm",
        packages=("marklassian@1.2.1",),
    ),
    Peer(
        name="md-adf 0.2.2 (PyPI)",
        driver_name="md-adf",
        source="markdown",
        registry="pypi",
        packages=("md-adf==0.2.2",),
    ),
    Peer(
        name="adflux 0.3.1 (PyPI)",
        driver_name="adflux",
        source="markdown",
        registry="pypi",
        packages=("adflux==0.3.1",),
    ),
    Peer(
        name="md-to-adf 0.6.4 (npm)",
        driver_name="md-to-adf",
        source="markdown",
        registry="npm",
        packages=("md-to-adf@0.6.4",),
    ),
)
