"""Ways to run the application with less care for the disk, planted in a copy of it."""

from tests.faults.power.recording import Patches

_CONNECTION = "ticketboss/repository/sqlite/connection.py"
_DRIVER = "ticketboss/repository/sqlite/driver.py"
_FILE = "ticketboss/repository/sqlite/file.py"

# As on a machine without pysqlite3 whose Python has a SQLite that may keep no write-ahead log.
ROLLBACK_JOURNAL: Patches = {_DRIVER: ('"pysqlite3.dbapi2"', '"pysqlite3.missing"')}
SYNCHRONOUS_NORMAL: Patches = {
    _CONNECTION: ("PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL")
}
DELETED_JOURNAL: Patches = ROLLBACK_JOURNAL | {
    _CONNECTION: ('"PRAGMA journal_mode = TRUNCATE"', '"PRAGMA journal_mode = DELETE"'),
    _FILE: ('else "truncate"', 'else "delete"'),
}
