"""Settings: from the environment or a file, all checked before anything starts."""

import os
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from ticketboss.config import BadSettings, Settings, load_settings

Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load the settings from the given variables alone, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def load(**environment: str) -> Settings:
        # Restored afterwards, because reading an env file adds to the environment.
        with mock.patch.dict(os.environ, environment, clear=True):
            return load_settings()

    return load


def _problems(load: Load, **environment: str) -> dict[str, str]:
    with pytest.raises(BadSettings) as raised:
        load(**environment)
    assert all(name in str(raised.value) for name in raised.value.problems)
    return raised.value.problems


def test_without_any_setting_the_documented_defaults_are_in_force(load: Load) -> None:
    settings = load()
    assert settings.database_url == "sqlite:///data/ticketboss.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 3000)
    assert settings.web_concurrency >= 2
    assert settings.default_event == "node-meetup-2025"
    assert (settings.default_event_name, settings.default_event_seats) == ("Node.js Meet-up", 500)


def test_every_setting_can_be_set(load: Load) -> None:
    settings = load(
        DATABASE_URL="sqlite:///elsewhere.db",
        HOST="0.0.0.0",
        PORT="8080",
        WEB_CONCURRENCY="4",
        LOG_LEVEL="debug",
        PROMETHEUS_MULTIPROC_DIR="/",
        TICKETBOSS_WORKER_CLASS="sync",
        TICKETBOSS_WORKER_THREADS="3",
        TICKETBOSS_DEFAULT_EVENT="drop",
        TICKETBOSS_DEFAULT_EVENT_NAME="The drop",
        TICKETBOSS_DEFAULT_EVENT_SEATS="100",
        TICKETBOSS_COMMAND_SECONDS_MAX="2.5",
        TICKETBOSS_QUEUE_LENGTH_MAX="50",
        TICKETBOSS_BODY_SECONDS_MAX="1.5",
        TICKETBOSS_CHECKPOINTS="litestream",
        TICKETBOSS_AUTH="keys",
        TICKETBOSS_TRUSTED_PROXIES="10.0.0.7,fd00::/8",
        TICKETBOSS_RATE_LIMIT_WRITES="5/second",
        TICKETBOSS_RATE_LIMIT_READS="",
        TICKETBOSS_RATE_LIMIT_STORAGE="redis://cache.example",
        TICKETBOSS_CONSOLE_SECRET="s" * 32,
    )
    assert settings == Settings(
        database_url="sqlite:///elsewhere.db",
        host="0.0.0.0",
        port=8080,
        web_concurrency=4,
        log_level="debug",
        prometheus_multiproc_dir="/",
        worker_class="sync",
        worker_threads=3,
        default_event="drop",
        default_event_name="The drop",
        default_event_seats=100,
        command_seconds_max=2.5,
        queue_length_max=50,
        checkpoints="litestream",
        body_seconds_max=1.5,
        auth="keys",
        trusted_proxies="10.0.0.7,fd00::/8",
        rate_limit_writes="5/second",
        rate_limit_reads="",
        rate_limit_storage="redis://cache.example",
        console_secret="s" * 32,
    )


def test_all_bad_settings_are_reported_together_by_name(load: Load) -> None:
    bad = {
        "DATABASE_URL": "mysql://somewhere",
        "HOST": "",
        "PORT": "eighty",
        "WEB_CONCURRENCY": "0",
        "LOG_LEVEL": "loud",
        "TICKETBOSS_WORKER_CLASS": "tornado",
        "TICKETBOSS_WORKER_THREADS": "0",
        "TICKETBOSS_DEFAULT_EVENT": "no spaces",
        "TICKETBOSS_DEFAULT_EVENT_NAME": "",
        "TICKETBOSS_DEFAULT_EVENT_SEATS": "-1",
        "TICKETBOSS_COMMAND_SECONDS_MAX": "0",
        "TICKETBOSS_QUEUE_LENGTH_MAX": "0",
        "TICKETBOSS_DEFAULT_EVNT": "drop",
    }
    assert set(_problems(load, **bad)) == set(bad)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", ""),
        ("PORT", "80.5"),
        ("TICKETBOSS_COMMAND_SECONDS_MAX", "nan"),
        ("TICKETBOSS_COMMAND_SECONDS_MAX", "inf"),
        ("TICKETBOSS_COMMAND_SECONDS_MAX", "26"),
        ("TICKETBOSS_DEFAULT_EVENT", "x" * 65),
        ("TICKETBOSS_DEFAULT_EVENT", "drop\n"),
        ("TICKETBOSS_DEFAULT_EVENT_SEATS", "100000001"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "data/ticketboss.db"),
    ],
)
def test_a_value_just_outside_is_refused(load: Load, name: str, value: str) -> None:
    assert list(_problems(load, **{name: value})) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "1"),
        ("PORT", "65535"),
        ("TICKETBOSS_COMMAND_SECONDS_MAX", "0.1"),
        ("TICKETBOSS_COMMAND_SECONDS_MAX", "25"),
        ("TICKETBOSS_DEFAULT_EVENT", ""),
        ("TICKETBOSS_DEFAULT_EVENT", "x" * 64),
        ("TICKETBOSS_DEFAULT_EVENT_SEATS", "100000000"),
        ("DATABASE_URL", "sqlite:////absolute/path.db"),
    ],
)
def test_a_value_at_the_edge_is_accepted(load: Load, name: str, value: str) -> None:
    assert load(**{name: value})


def test_a_misspelt_setting_stops_the_start(load: Load) -> None:
    problems = _problems(load, TICKETBOSS_DEFAULT_EVNT="drop")
    assert problems == {"TICKETBOSS_DEFAULT_EVNT": "There is no setting of this name."}


def test_a_platform_setting_with_our_prefix_is_misspelt(load: Load) -> None:
    assert list(_problems(load, TICKETBOSS_PORT="8080")) == ["TICKETBOSS_PORT"]


def test_variables_of_other_programs_do_not_matter(load: Load) -> None:
    assert load(TICKET="1", PORTS="x", LANG="C").port == 3000


def test_a_file_named_env_in_the_working_folder_is_read(load: Load, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=8081\nTICKETBOSS_DEFAULT_EVENT=from-file\n")
    settings = load()
    assert (settings.port, settings.default_event) == (8081, "from-file")


def test_the_environment_wins_over_the_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=8081\nHOST=::1\n")
    settings = load(PORT="8082")
    assert (settings.port, settings.host) == (8082, "::1")


def test_another_file_can_be_named(load: Load, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=8081\n")
    (tmp_path / "other.env").write_text("PORT=8083\n")
    assert load(TICKETBOSS_ENV_FILE=str(tmp_path / "other.env")).port == 8083


def test_an_empty_name_means_no_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=8081\n")
    assert load(TICKETBOSS_ENV_FILE="").port == 3000


def test_a_file_that_was_named_must_exist(load: Load) -> None:
    problems = _problems(load, TICKETBOSS_ENV_FILE="missing.env")
    assert problems == {"TICKETBOSS_ENV_FILE": "There is no file missing.env."}


def test_a_misspelt_setting_in_the_file_stops_the_start(load: Load, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TICKETBOSS_DEFAULT_EVNT=drop\nPORT=x\n")
    assert set(_problems(load)) == {"TICKETBOSS_DEFAULT_EVNT", "PORT"}


def test_settings_cannot_be_changed_afterwards(load: Load) -> None:
    settings = load()
    with pytest.raises(AttributeError):
        settings.port = 1  # type: ignore[misc]
