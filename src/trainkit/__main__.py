"""``python -m trainkit``: the ``trainkit`` command."""

from trainkit.cli.main import main

raise SystemExit(main())
