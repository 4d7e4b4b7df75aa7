"""A Spark of the tests' own, from PySpark's wheel alone, on loopback: a master, two workers, a Connect server."""

import os
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from support.ports import free_port

SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "700m",
    "spark.executor.memory": "600m",
    "spark.executor.cores": "1",
    "spark.cores.max": "2",  # of each application: it would hold all there are
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
}


class SparkCluster:
    """Begun when made; :meth:`stop` ends its processes.

    Attributes
    ----------
    master
        ``spark://127.0.0.1:…``
    environment
        What a program needs in its environment that is to be a driver of this cluster.
    """

    def __init__(self, folder: Path):
        self.folder, self._begun = folder, []
        self._home = Path(find_spec("pyspark").origin).parent
        conf = folder / "conf"
        conf.mkdir()
        conf.joinpath("spark-defaults.conf").write_text("".join(f"{k} {v}\n" for k, v in SETTINGS.items()))
        self.environment = {
            "SPARK_HOME": str(self._home), "SPARK_CONF_DIR": str(conf), "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOG_DIR": str(folder), "SPARK_PID_DIR": str(folder), "SPARK_LOCAL_DIRS": str(folder),
        }  # fmt: skip
        port = free_port()
        self.master = f"spark://127.0.0.1:{port}"
        deploy = "org.apache.spark.deploy"
        self._begin("master", "bin/spark-class", f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", str(port),
                    "--webui-port", "0")  # fmt: skip
        self._wait("master", "I have been elected leader")
        for number in (1, 2):
            self._begin(f"worker{number}", "bin/spark-class", f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--cores",
                        "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(folder), self.master)  # fmt: skip
        for number in (1, 2):
            self._wait(f"worker{number}", "Successfully registered with master")

    def connect(self) -> str:
        """Begin a Connect server that works on this cluster; gives its address."""
        port = free_port()
        self._begin("connect", "sbin/start-connect-server.sh", "--wait", "--master", self.master, "--conf",
                    f"spark.connect.grpc.binding.port={port}", "--conf", "spark.connect.grpc.binding.address=127.0.0.1",
                    )  # fmt: skip
        self._wait("connect", "Spark Connect server started")
        return f"sc://127.0.0.1:{port}"

    def said(self, name: str) -> str:
        """What one of its programs has written."""
        return (self.folder / f"{name}.log").read_text("utf-8", errors="replace")

    def _begin(self, name: str, script: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self._begun.append(
                subprocess.Popen(
                    [self._home / script, *arguments], stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                    env=os.environ | self.environment,
                )
            )  # fmt: skip

    def _wait(self, name: str, words: str, seconds: float = 120) -> None:
        until = time.monotonic() + seconds
        while words not in self.said(name):
            assert time.monotonic() < until and self._begun[-1].poll() is None, f"{name}: {self.said(name)[-3000:]}"
            time.sleep(0.2)

    def stop(self) -> None:
        """End all that was begun, the last first."""
        for process in reversed(self._begun):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._begun:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
