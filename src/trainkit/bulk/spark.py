"""How does Spark do the work? On a cluster that is there (Connect, or its master), or in this process."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from trainkit.errors import N_, TrainkitError, shown

_DOORS = {"sc": 15002, "spark": 7077}


def _knock(master: str) -> None:
    """Whether somebody answers there: Spark itself would go on trying for minutes."""
    for one in master.split(","):  # several masters, of which one leads
        address = urlsplit(one if "://" in one else f"{master.partition('://')[0]}://{one}")
        if address.scheme not in _DOORS or not address.hostname:
            return
        try:
            socket.create_connection((address.hostname, address.port or _DOORS[address.scheme]), timeout=10).close()
            return
        except (OSError, ValueError) as error:
            told = getattr(error, "strerror", None) or str(error)
    raise TrainkitError(N_("no Spark answers at {place}: {why}"), place=shown(master), why=told)


class Spark:
    """A session: ``sc://host:15002`` (Connect), ``spark://host:7077``, ``local[2]`` (also without a name)."""

    name = "spark"

    def __init__(self, master: str | None):
        from pyspark.sql import SparkSession

        self._quiet()
        master = master or os.environ.get("SPARK_REMOTE") or "local[*]"
        _knock(master)
        if master.startswith("sc://"):
            if not find_spec("grpc"):
                raise TrainkitError(N_("Spark Connect needs gRPC: pip install 'trainkit[spark]'"))
            self.session: Any = SparkSession.builder.remote(master).getOrCreate()
        else:
            ours = SparkSession.builder.master(master).appName("trainkit score")
            self.session = ours.config("spark.ui.showConsoleProgress", "false").getOrCreate()
        # times aren't used, and Spark's own zone must not matter
        self.session.conf.set("spark.sql.session.timeZone", "UTC")

    @staticmethod
    def _quiet() -> None:
        """No progress bars between our lines."""
        os.environ.setdefault("SPARK_CONNECT_PROGRESS_BAR_ENABLED", "false")

    def scan(self, files: Sequence[str], columns: Sequence[str]) -> Any:
        """The rows of Parquet files that the cluster sees."""
        there = [file if "://" in file else Path(file).absolute().as_uri() for file in files]
        return self.session.read.option("mergeSchema", len(there) > 1).parquet(*there)

    def keep(self, frame: Any, file: Path) -> Any:
        """Work a frame out once; the cluster holds it, in memory or on its disks."""
        return frame.persist()

    def write(self, frame: Any, file: Path) -> None:
        """Write a frame as one file here: its rows come over from the cluster."""
        import pyarrow.parquet as pq

        pq.write_table(frame.toArrow(), file, compression="zstd")

    def close(self) -> None:
        """End the session; a cluster goes on."""
        self.session.stop()
