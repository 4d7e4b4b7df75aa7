"""``python -m trainkit``: the ``trainkit`` command."""

from trainkit.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
