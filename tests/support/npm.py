"""Packages of npm for tests, kept in the user's cache: fetched once, checked by their hashes."""

import base64
import hashlib
import os
import subprocess
import tarfile
from pathlib import Path

import platformdirs
import pytest

SCORM = (
    "scorm-again@3.4.3",
    "sha512-Zbe+7ArMUbT1lVnqYxsbGRfI9JD9JVqEPzZLQdk0nfNmcDYJ404rMO9nbkQ0Hzwux5uACF9zKsvc29Q/ZzMOdg==",
)  # a SCORM runtime of other people's, as a course system has it


def packed(name: str, integrity: str) -> Path:
    """The tarball of a package; without a network the test is skipped, but with CI=true it fails."""
    folder = Path(platformdirs.user_cache_dir("trainkit", appauthor=False))
    file = folder / (name.replace("@", "-") + ".tgz")
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["npm", "pack", name, "--silent", "--pack-destination", folder], capture_output=True, text=True, timeout=300
        )
        if done.returncode or not file.is_file():
            why = f"npm could not fetch {name}: {done.stderr.strip()[-200:]}"
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)
    found = base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode()
    assert f"sha512-{found}" == integrity, f"{file} is not {name} as it was published: remove it"
    return file


def member(package: Path, name: str) -> bytes:
    """A file of a package."""
    with tarfile.open(package) as archive:
        return archive.extractfile(f"package/{name}").read()
