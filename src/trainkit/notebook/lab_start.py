"""How does JupyterLab begin two seconds sooner? Without a grammar that nothing here asks for.

jsonschema reads one of international addresses (RFC 3987) each time it is imported, for a check that no schema of JupyterLab
has; where the package isn't there, it leaves the check out.
"""

import sys


def main() -> None:
    """Be ``python -m jupyterlab``."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  a package that isn't there
    from jupyterlab.labapp import main as jupyterlab

    jupyterlab()


if __name__ == "__main__":
    main()
