"""Which layer may import which, and where each library may be used."""

# A module belongs to the longest of these names that it begins with; "" is ticketboss itself.
# `services` puts settings, repository and committer together for both `app` and `cli`.
ARROWS = {
    # Partners have its __init__ beside the client: it needs no library, for a type checker neither.
    "": {"", "app"},
    "setting_checks": {"domain", "repository"},
    "documents": {"domain", "formats"},
    "__main__": {"cli"},
    "app": {"", "api", "config", "console", "engine", "metrics", "services"},
    "cli": {
        *("", "cli", "config", "documents", "domain", "engine", "formats"),
        *("rehearsal", "repository", "repository.interface", "services"),
        *("repository.files", "repository.backup_names"),
    },
    "api": {
        *("", "api", "documents", "domain", "engine", "formats", "metrics"),
        *("repository.interface", "services"),
    },
    # Beside the API, whose schemas, admission and words for refusals it shares.
    "console": {
        *("api", "console", "domain", "engine", "formats", "metric_totals", "metrics"),
        *("refusal_counts", "repository.interface", "services"),
    },
    "services": {"config", "engine", "repository", "repository.interface"},
    "metrics": {
        *("domain", "engine", "formats", "metric_totals", "refusal_counts"),
        "repository.interface",
    },
    "metric_totals": set(),
    "refusal_counts": set(),
    "config": {"domain", "setting_checks"},
    "engine": {
        *("engine", "domain", "repository.interface", "repository.access", "repository.transfer"),
    },
    "repository": {"repository.interface", "repository.postgres", "repository.sqlite"},
    # Only what is in one file can be copied as one.
    "repository.files": {
        *("repository", "repository.backup_names", "repository.interface", "repository.sqlite"),
    },
    "repository.backup_names": {"repository.interface", "repository.sqlite"},
    "repository.interface": {
        *("domain", "repository.access", "repository.interface", "repository.transfer"),
    },
    "repository.access": {"domain"},
    "repository.transfer": {"domain"},
    "repository.sql": {
        *("domain", "repository.interface", "repository.access", "repository.sql"),
        "repository.transfer",
    },
    "repository.sqlite": {
        *("repository.interface", "repository.sql", "repository.sqlite", "repository.transfer"),
    },
    "repository.postgres": {
        *("repository.interface", "repository.postgres", "repository.sql", "repository.transfer"),
    },
    "domain": {"domain"},
    "formats": set(),
    # Partners install it without the rest.
    "client": {"client"},
    # It sees no more of a server than partners and operators do.
    "rehearsal": {"client", "formats", "rehearsal"},
}
# Whatever is not of the standard library needs a line.
HOMES = {
    "flask": {"app", "api", "console"},
    "marshmallow": {"app", "api", "console"},
    "apispec": {"api"},
    "werkzeug": {"app", "api", "console"},
    "environs": {"config", "setting_checks"},
    "limits": {"api", "setting_checks"},
    "redis": {"api", "setting_checks"},
    "prometheus_client": {"api", "metrics", "metric_totals", "refusal_counts"},
    "dotenv": {"config"},
    "click": {"cli"},
    "requests": {"client"},
    "psycopg": {"repository.postgres"},
    "psycopg_pool": {"repository.postgres"},
    "sqlite3": {"repository.sqlite"},
    "pysqlite3": {"repository.sqlite"},
    # They would tie the code to one kind of worker.
    "asyncio": set(),
    "gevent": set(),
}
# The domain has no I/O, no clock and no randomness.
IMPURE = {
    *("io", "logging", "os", "pathlib", "random", "secrets", "shutil", "signal", "socket"),
    *("subprocess", "tempfile", "threading", "time", "urllib", "uuid"),
}
