"""A bounded part of ``python -m tests.fuzz.files``: 300 broken files, each told in a sentence or rightly read."""

import subprocess
import sys

import pytest
from support.places import ROOT


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory and time of Linux")
def test_three_hundred_broken_files(tmp_path):
    command = [sys.executable, "-m", "tests.fuzz.files", "--count", "300", "--keep", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "300 files" in done.stdout and ": 0 findings." in done.stdout
