"""A worker's own copy of gunicorn's settings: the same values, without the look-up."""

import runpy
import signal
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from gunicorn import util
from gunicorn.config import Config

from tests.server import PROJECT


@pytest.fixture
def conf(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What gunicorn.conf.py defines; what it changes elsewhere is changed back."""
    monkeypatch.setenv("TICKETBOSS_ENV_FILE", "")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(util, "write_error", util.write_error)
    return runpy.run_path(str(PROJECT / "gunicorn.conf.py"))


def test_worker_reads_its_settings_without_looking_them_up(
    conf: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    cfg = Config()
    cfg.set("keepalive", 7)
    before = {name: getattr(cfg, name) for name in cfg.settings}
    looked_up: list[str] = []
    worker = SimpleNamespace(
        handle_exit=signal.getsignal(signal.SIGINT),
        cfg=cfg,
        wsgi=Flask("worker"),
        bound_to_loopback=True,
    )

    conf["post_worker_init"](worker)
    monkeypatch.setattr(Config, "__getattr__", lambda _, name: looked_up.append(name))

    assert {name: getattr(cfg, name) for name in before} == before
    assert cfg.keepalive == 7
    assert looked_up == []
