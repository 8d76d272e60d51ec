"""A Spark session with settled defaults, and what to say where Spark cannot run."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from graphkit.engine.budget import machine_memory
from graphkit.errors import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame as SparkFrame
    from pyspark.sql import SparkSession

INSTALL = "install it with `pip install graphkit[spark]`"

LEAST_JAVA = 17

# A session that is started here: sums that overflow are errors, nothing is printed, no page is served.
_SETTLED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # Spark writes out every plan for a page that is not served.
    "spark.sql.maxPlanStringLength": "10000",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}

# On this machine it needs no network, and what goes wrong is raised, so it need not be logged too.
_LOCAL = {
    "spark.log.level": "OFF",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}

# Share of this machine's memory that Java may take where Spark runs here; Python workers need the rest.
_JAVA_SHARE = 0.5

# spark-submit and the like start Java first and tell Python so: the master is theirs to say.
_SUBMITTED = "PYSPARK_GATEWAY_PORT"


def spark_session(
    *, master: str | None = None, memory_mib: int = 0, shuffle_partitions: int | None = None
) -> SparkSession:
    """The running session as it is, or a new one, on all cores of this machine unless `master` says where.

    Under spark-submit its own master and memory hold. `memory_mib` is for Java on this machine; 0 is half of
    the machine. `shuffle_partitions` is Spark's own 200 unless given.

    Raises ConfigError where pyspark or Java is missing or Java is too old.
    """
    _needed("pyspark", "pandas", "pyarrow")
    submitted = _SUBMITTED in os.environ
    if not submitted:
        _java()
    sessions = importlib.import_module("pyspark.sql").SparkSession
    running: SparkSession | None = sessions.getActiveSession()
    if running is not None:
        return running
    builder = sessions.builder.appName("graphkit")
    options = dict(_SETTLED)
    if shuffle_partitions is not None:
        options["spark.sql.shuffle.partitions"] = str(shuffle_partitions)
    if master is not None or not submitted:
        place = master or "local[*]"
        builder = builder.master(place)
        if place.startswith("local"):
            mib = memory_mib or int(machine_memory() * _JAVA_SHARE) // 2**20
            options |= {**_LOCAL, "spark.driver.memory": f"{mib}m"}
            # Workers run in this environment, not in whatever `python3` is on the path; no option says so.
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session: SparkSession = builder.config(map=options).getOrCreate()
    return session


def worked_out(frame: SparkFrame) -> SparkFrame:
    """`frame` worked out now, its history cut: what is made of it would otherwise make it again, and again.

    It lies with the executors, and is lost with one of them; where the session has a checkpoint directory it
    lies there and stays.
    """
    if frame.sparkSession.sparkContext.getCheckpointDir():
        return frame.checkpoint()
    return frame.localCheckpoint()


def _needed(*packages: str) -> None:
    """ConfigError where one of these cannot be found."""
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"{', '.join(f'`{name}`' for name in missing)} cannot be found, which Spark needs; {INSTALL}"
        )


def _java() -> None:
    """ConfigError unless there is a Java that is new enough."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home) / "bin" / "java") if home else "java")
    where = f"in `JAVA_HOME` (`{home}`)" if home else "on the path"
    if java is None:
        raise ConfigError(f"no Java {where}; Spark needs Java {LEAST_JAVA} or later")
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    version = _java_version(answer.stderr + answer.stdout)
    if version is not None and version < LEAST_JAVA:
        raise ConfigError(
            f"the Java {where} is version {version}; Spark needs {LEAST_JAVA} or later: install one and set"
            " `JAVA_HOME`"
        )


def _java_version(text: str) -> int | None:
    """17 of `openjdk version "17.0.15"`, 8 of `java version "1.8.0_402"`; None where no version stands."""
    numbers = text.partition('version "')[2].partition('"')[0].split(".")
    first = numbers[1] if numbers[0] == "1" and len(numbers) > 1 else numbers[0]
    digits = "".join(sign for sign in first if sign.isdigit())
    return int(digits) if digits else None
