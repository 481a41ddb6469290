"""The files for a PostgreSQL cluster can be read, and agree with each other and with their page."""

import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path
from string import Template
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from psycopg_pool import ConnectionPool

from tests.patroni import cluster, machine
from tests.patroni.drill import FAULTS
from tests.patroni.machine import TEMPLATES
from ticketboss.repository.postgres.connection import CONNECTIONS_MAX

PAGE = (TEMPLATES.parents[1] / "docs" / "deployment-postgres.md").read_text(encoding="utf-8")
SCRIPT = TEMPLATES / "local-cluster"
FILES = ("etcd.env", "patroni.yml", "haproxy.cfg")
PORTS = {
    "etcd": machine.ETCD_PORT,
    "etcd to etcd": cluster.ETCD_PEER_PORT,
    "Patroni": machine.PATRONI_PORT,
    "PostgreSQL": machine.POSTGRES_PORT,
    "HAProxy": cluster.HAPROXY_PORT,
}

# The page's own values for a node: the block that assigns them.
VALUES_BLOCK = re.compile(r"```shell\n((?:[A-Z_0-9]+=\S+\n)+)```")
PORT_ROW = re.compile(r"^\| ([\w ]+) \| (\d+) \| [^|\n]+ \|$", re.MULTILINE)
FAULT_ROW = re.compile(r"^\| `([\w-]+)` \|", re.MULTILINE)
DATABASE_URL = re.compile(r"DATABASE_URL='([^']+)'")
SUM_OF_CONNECTIONS = re.compile(r"= (\d+) connections")
SETTING_ROW = re.compile(r"^\| `(\w+: [^`]+)` \|", re.MULTILINE)
SECONDS = {"s": 1, "m": 60}
# What matters to ours of the sections that Debian's file has before it.
DEBIAN_SECTIONS = """\
global
    log /dev/log local0
defaults
    log global
    mode http
    option httplog
    timeout connect 5000
    timeout client 50000
    timeout server 50000
"""


def _values() -> dict[str, str]:
    (block,) = VALUES_BLOCK.findall(PAGE)
    return dict(line.split("=", 1) for line in block.splitlines())


def _filled(name: str) -> str:
    return Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(_values())


def _patroni() -> Any:
    return yaml.safe_load(_filled("patroni.yml"))


def _etcd() -> dict[str, str]:
    lines = [line for line in _filled("etcd.env").splitlines() if not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def _haproxy() -> list[list[str]]:
    lines = [line.split() for line in _filled("haproxy.cfg").splitlines()]
    return [words for words in lines if words and words[0] != "#"]


def test_the_page_gives_a_value_for_every_gap_and_for_nothing_else() -> None:
    texts = [(TEMPLATES / name).read_text(encoding="utf-8") for name in FILES]
    gaps = {gap for text in texts for gap in Template(text).get_identifiers()}
    assert set(_values()) == gaps


def test_the_script_fills_the_same_gaps(tmp_path: Path) -> None:
    made = cluster.Cluster(tmp_path)
    assert {frozenset(each.values) for each in made.machines} == {frozenset(_values())}


def test_patroni_is_told_to_lose_nothing() -> None:
    dynamic = _patroni()["bootstrap"]["dcs"]
    assert dynamic["synchronous_mode"] is True
    assert dynamic["synchronous_mode_strict"] is True
    assert dynamic["synchronous_node_count"] == 1
    assert dynamic["primary_start_timeout"] == 0
    parameters = dynamic["postgresql"]["parameters"]
    assert parameters["synchronous_commit"] == "on"
    assert parameters["restart_after_crash"] == "off"
    assert parameters["ssl"] == "on"


def test_a_leader_that_etcd_does_not_answer_steps_down_before_its_key_ends() -> None:
    dynamic = _patroni()["bootstrap"]["dcs"]
    assert dynamic["loop_wait"] + 2 * dynamic["retry_timeout"] <= dynamic["ttl"]


def test_patroni_uses_the_interface_of_etcd_that_is_switched_on() -> None:
    assert "etcd" in _patroni()
    assert "etcd3" not in _patroni()
    assert _etcd()["ETCD_ENABLE_V2"] == "true"


def test_every_connection_over_the_network_is_encrypted_and_needs_a_password() -> None:
    rules = [rule.split() for rule in _patroni()["postgresql"]["pg_hba"]]
    assert {rule[0] for rule in rules} == {"local", "hostssl"}
    assert {rule[-1] for rule in rules} == {"scram-sha-256"}


def test_no_file_has_a_password_of_its_own() -> None:
    found = re.findall(r"password: (\S+)", (TEMPLATES / "patroni.yml").read_text(encoding="utf-8"))
    assert len(found) == 4
    assert all(re.fullmatch(r"\$\{\w+_PASSWORD\}", password) for password in found)


def test_the_ports_are_the_same_in_the_files_the_script_and_the_page() -> None:
    values, patroni, etcd = _values(), _patroni(), _etcd()
    address = values["ADDRESS"]
    nodes = [values[f"ADDRESS_{number}"] for number in (1, 2, 3)]
    assert patroni["postgresql"]["listen"] == f"{address}:{PORTS['PostgreSQL']}"
    assert patroni["restapi"]["listen"] == f"{address}:{PORTS['Patroni']}"
    assert patroni["etcd"]["hosts"] == [f"{node}:{PORTS['etcd']}" for node in nodes]
    assert etcd["ETCD_LISTEN_CLIENT_URLS"] == f"http://{address}:{PORTS['etcd']}"
    assert etcd["ETCD_LISTEN_PEER_URLS"] == f"http://{address}:{PORTS['etcd to etcd']}"
    servers = [words[2] for words in _haproxy() if words[0] == "server"]
    assert servers == [f"{node}:{PORTS['PostgreSQL']}" for node in nodes]
    assert ["bind", f"{values['HAPROXY_ADDRESS']}:{PORTS['HAProxy']}"] in _haproxy()
    (checks,) = [words for words in _haproxy() if words[0] == "default-server"]
    assert " ".join(checks).endswith(f"check port {PORTS['Patroni']}")
    assert {name: int(port) for name, port in PORT_ROW.findall(PAGE)} == PORTS


def test_the_names_of_the_nodes_are_the_same_everywhere(tmp_path: Path) -> None:
    members = [each.split("=")[0] for each in _etcd()["ETCD_INITIAL_CLUSTER"].split(",")]
    servers = [words[1] for words in _haproxy() if words[0] == "server"]
    assert members == servers == [each.name for each in cluster.Cluster(tmp_path).machines]
    assert _values()["NODE"] in members


def test_the_urls_of_the_page_lead_to_haproxy_or_to_all_nodes() -> None:
    through_haproxy, to_nodes = DATABASE_URL.findall(PAGE)
    values = _values()
    assert f":{PORTS['HAProxy']}/" in through_haproxy
    assert f"hostaddr={values['HAPROXY_ADDRESS']}" in through_haproxy
    nodes = ",".join(f"{values[f'ADDRESS_{n}']}:{PORTS['PostgreSQL']}" for n in (1, 2, 3))
    assert f"@{nodes}/" in to_nodes
    assert "target_session_attrs=read-write" in to_nodes
    for url in (through_haproxy, to_nodes):
        assert "sslmode=verify-full" in url


def test_haproxy_keeps_a_connection_longer_than_the_pool_leaves_it_unused() -> None:
    idle_seconds_max = inspect.signature(ConnectionPool).parameters["max_idle"].default
    for words in _haproxy():
        if words[:2] in (["timeout", "client"], ["timeout", "server"]):
            assert int(words[2][:-1]) * SECONDS[words[2][-1]] > idle_seconds_max


def test_haproxy_understands_its_file(tmp_path: Path) -> None:
    assert _haproxy()[0] == ["listen", "postgres"]
    assert "on-marked-down shutdown-sessions" in _filled("haproxy.cfg")
    # Where it is not installed, the words above are all that can be looked at.
    program = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program:
        path = tmp_path / "haproxy.cfg"
        path.write_text(DEBIAN_SECTIONS + _filled("haproxy.cfg"))
        done = subprocess.run([program, "-c", "-f", path], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "WARNING" not in done.stderr


def test_the_cluster_has_room_for_the_connections_that_the_page_counts() -> None:
    assert f"{CONNECTIONS_MAX} connections for each worker process" in PAGE
    (counted,) = SUM_OF_CONNECTIONS.findall(PAGE)
    parameters = _patroni()["bootstrap"]["dcs"]["postgresql"]["parameters"]
    assert int(counted) < parameters["max_connections"]
    (limit,) = [int(words[1]) for words in _haproxy() if words[0] == "maxconn"]
    assert limit > parameters["max_connections"]


def test_the_page_explains_the_settings_as_they_stand_in_the_file() -> None:
    lines = {line.strip() for line in _filled("patroni.yml").splitlines()}
    explained = SETTING_ROW.findall(PAGE)
    assert len(explained) >= 10
    assert set(explained) <= lines


def test_the_page_has_a_row_for_every_fault_of_the_drill() -> None:
    assert FAULT_ROW.findall(PAGE) == list(FAULTS)


def test_the_script_says_how_it_is_used() -> None:
    done = _script("--help", python=sys.executable)
    assert done.returncode == 0
    for option in ("--fault", "--connect", "--rounds", "--clients", "--folder"):
        assert option in done.stdout


def test_the_script_says_what_is_missing() -> None:
    done = _script("--help", python="no-such-python")
    assert done.returncode == 1
    assert done.stderr.startswith("There is no no-such-python")


def test_the_script_refuses_a_fault_that_it_does_not_know() -> None:
    done = _script("--fault", "fire", python=sys.executable)
    assert done.returncode == 2
    assert "leader-killed" in done.stderr


@pytest.mark.parametrize("package", cluster.PACKAGES.values())
def test_the_page_names_every_package_that_the_script_needs(package: str) -> None:
    assert f"`{package}`" in PAGE


def _script(*arguments: str, python: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, *arguments],
        env={"PATH": "/usr/bin:/bin", "PYTHON": python},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
