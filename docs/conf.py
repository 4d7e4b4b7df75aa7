"""How do the pages look? Settings of Sphinx, the same in both languages; ``build.py`` names the language and the sources."""

import os
import tomllib
from pathlib import Path

ROOT = Path(os.environ["TRAINKIT_DOCS_ROOT"])
language = os.environ["TRAINKIT_DOCS_LANG"]

project, author = "trainkit", "trainkit"
copyright = "trainkit: MIT; casebook: CC BY 4.0"
release = version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "attrs_inline"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # the manual for authors leaves a level out
nb_execution_mode = "off"  # what notebooks show is kept in them, and nbval holds it true
nb_ipywidgets_js = {}  # it would come from elsewhere
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_rtype = False
python_maximum_signature_line_length = 88

html_theme = "furo"
html_title = "trainkit"
html_static_path = ["_static"]
html_css_files = ["trainkit.css"]
html_copy_source = html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True, "sidebar_hide_name": False}
html_context = {"other_language": {"ru": "en", "en": "ru"}[language]}
templates_path = ["_templates"]
html_sidebars = {"**": ["sidebar/brand.html", "languages.html", "sidebar/search.html", "sidebar/scroll-start.html",
                        "sidebar/navigation.html", "sidebar/scroll-end.html"]}  # fmt: skip


def setup(app: object) -> None:
    """Leave out fields of named tuples that say no more than their number: the signature has their names and types."""

    def numbered(_app: object, _kind: str, _name: str, thing: object, _skip: bool, _options: object) -> bool | None:
        return True if str(getattr(thing, "__doc__", "")).startswith("Alias for field number") else None

    app.connect("autodoc-skip-member", numbered)
