"""Where the tests find things."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
CASEBOOK = ROOT / "casebook"
TEST_CASES = ROOT / "tests" / "casebook"
ASKED_FOR = ("appendicitis", "cancer_misdiagnosis", "power_upgrade", "racket_refund")


def case_folders():
    """Every case of the casebook and of the tests."""
    return sorted(file.parent for root in (CASEBOOK, TEST_CASES) for file in root.glob("*/case.yml"))


def module_of(checkout: Path) -> str:
    """What ``python -m`` runs as the command of a checkout, which may be an older one."""
    return "trainkit" if (checkout / "src/trainkit/__main__.py").exists() else "trainkit.cli"
