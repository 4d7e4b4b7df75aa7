"""Where the tests find things."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASEBOOK = ROOT / "casebook"
TEST_CASES = ROOT / "tests" / "casebook"
ASKED_FOR = ("appendicitis", "cancer_misdiagnosis", "power_upgrade", "racket_refund")


def case_folders():
    """Every case of the casebook and of the tests."""
    return sorted(file.parent for root in (CASEBOOK, TEST_CASES) for file in root.glob("*/case.yml"))


# what every way of a case goes through is looked at in these at once, and in all others with the slow tests
AT_ONCE = ("late_parcel", "racket_refund", "cancer_misdiagnosis")
CASES = [
    pytest.param(folder, id=folder.name, marks=() if folder.name in AT_ONCE else pytest.mark.slow)
    for folder in case_folders()
]
EACH_CASE = pytest.mark.parametrize("folder", CASES)


def each_of_the_casebook(later=pytest.mark.slow):
    """A test of each case of the casebook, by its name; ``later`` marks all but those that are looked at at once."""
    names = [folder.name for folder in case_folders() if folder.parent == CASEBOOK]
    return pytest.mark.parametrize(
        "name", [pytest.param(name, marks=() if name in AT_ONCE else later) for name in names]
    )


def module_of(checkout: Path) -> str:
    """What ``python -m`` runs as the command of a checkout, which may be an older one."""
    return "trainkit" if (checkout / "src/trainkit/__main__.py").exists() else "trainkit.cli"
