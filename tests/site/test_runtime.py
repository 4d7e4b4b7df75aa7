"""Python for browsers is the one we know, or it is said what to do."""

import gzip
import io
import tarfile

import pytest

from trainkit.errors import TrainkitError
from trainkit.site import runtime
from trainkit.site.runtime import HASHES, VERSION, find_runtime


@pytest.fixture(autouse=True)
def _nothing_fetched_before(monkeypatch, tmp_path):
    monkeypatch.setattr(runtime, "_kept", lambda: tmp_path / "cache" / "pyodide.tgz")


def test_without_npm_it_is_said_what_to_do(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(TrainkitError, match=rf"no npm here .* `npm pack pyodide@{VERSION}` .* --pyodide pyodide"):
        find_runtime()


@pytest.mark.needs("npm")
def test_without_a_network_it_is_said_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("npm_config_offline", "true")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    told = []
    with pytest.raises(TrainkitError, match=r"npm could not fetch pyodide@.*On a machine with a network"):
        find_runtime(say=told.append)
    assert told == [f"npm pack pyodide@{VERSION}"] and not (tmp_path / "cache" / "pyodide.tgz").exists()


def test_what_is_no_pyodide_is_said(tmp_path):
    (tmp_path / "text.tgz").write_text("hello")
    (tmp_path / "empty").mkdir()
    with tarfile.open(tmp_path / "other.tgz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("package/README"), io.BytesIO())
    for name, why in {
        "nothing": "can't be read: No such file",
        "text.tgz": "is no folder and no tarball of Pyodide",
        "empty": rf"has no pyodide\.mjs: it is not Pyodide {VERSION}",
        "other.tgz": r"has no pyodide\.mjs",
    }.items():
        with pytest.raises(TrainkitError, match=why):
            find_runtime(tmp_path / name)


def test_another_version_is_refused_by_its_hash(tmp_path):
    for name in HASHES:
        (tmp_path / name).write_bytes(b"other")
    with pytest.raises(TrainkitError, match=rf"pyodide\.mjs is not that of Pyodide {VERSION}.*its hash differs"):
        find_runtime(tmp_path)


def test_a_cut_tarball_is_said(tmp_path):
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        member = tarfile.TarInfo("package/pyodide.mjs")
        member.size = 100_000
        archive.addfile(member, io.BytesIO(b"x" * member.size))
    (tmp_path / "cut.tgz").write_bytes(gzip.compress(whole.getvalue())[:100])
    with pytest.raises(TrainkitError, match="no tarball"):
        find_runtime(tmp_path / "cut.tgz")
