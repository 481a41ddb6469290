"""Ways to run the application with less care for the disk, planted in a copy of it."""

from tests.planting import Patch

_CONNECTION = "repository/sqlite/connection.py"
_LOG_BOUND = "repository/sqlite/log_bound.py"

# As on a machine without pysqlite3 whose Python has a SQLite that may keep no write-ahead log.
ROLLBACK_JOURNAL = (
    Patch("repository/sqlite/driver.py", '"pysqlite3.dbapi2"', '"pysqlite3.missing"'),
)
# So that a recording has a log that is begun anew.
SHORT_LOG = (
    Patch(_LOG_BOUND, "WAL_BYTES_KEPT_MAX = 64 * 1024 * 1024", "WAL_BYTES_KEPT_MAX = 64 * 1024"),
)
UNSYNCED_BEGINNING = (
    *SHORT_LOG,
    Patch(_LOG_BOUND, "PRAGMA synchronous = FULL", "PRAGMA synchronous = OFF"),
)
SYNCHRONOUS_NORMAL = (
    Patch(_CONNECTION, "PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"),
)
DELETED_JOURNAL = (
    *ROLLBACK_JOURNAL,
    Patch(_CONNECTION, "PRAGMA journal_mode = TRUNCATE", "PRAGMA journal_mode = DELETE"),
    Patch("repository/sqlite/file.py", 'else "truncate"', 'else "delete"'),
)
# Those of other events, whose batches share the transaction, go on while it is made.
TOLD_BEFORE_THE_COMMIT = (
    Patch(
        "repository/sqlite/together.py",
        "                at_work = None\n            error = None\n",
        "                at_work = None\n"
        "                for writer in taken[1:]:\n"
        "                    writer.wake.set()\n"
        "                time.sleep(0.01)\n"
        "            error = None\n",
    ),
)
