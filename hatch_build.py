"""Compiles the interface's words when trainkit is built or installed, in place (``pip install -e .``) as well."""

import runpy
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogHook(BuildHookInterface):
    """Hatch calls it before it collects the files."""

    def initialize(self, version, build_data):
        """Compile what is out of date."""
        locale = Path(self.root) / "src" / "trainkit" / "locale"
        runpy.run_path(str(locale / "compile.py"))["compile_catalogs"](locale)
