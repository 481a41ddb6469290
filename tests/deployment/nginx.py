"""A real nginx with the files of deploy/nginx, in front of a scratch server."""

import os
import shutil
import ssl
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from tests.faults.programs import lacking
from tests.ports import free_port
from tests.server import PROJECT

FILES = PROJECT / "deploy" / "nginx"
NAME = "tickets.example.com"
START_SECONDS_MAX = 15.0
PAUSE_SECONDS = 0.02
# Where nginx keeps bodies and answers meanwhile; Debian's folders are root's.
KINDS_OF_BUFFERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Nginx:
    """It listens on a port of loopback with a certificate of its own; gone behind the block."""

    def __init__(self, folder: Path, backend_port: int) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.certificate = folder / "certificate.pem"
        self.access_log = folder / "access.log"
        self.error_log = folder / "error.log"
        self._backend_port = backend_port
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._certify()
        self._write_files()
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
        assert program, lacking("nginx")
        main = self.folder / "nginx.conf"
        words = [program, "-c", str(main), "-e", str(self.error_log), "-g", "daemon off;"]
        with self.error_log.open("ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log)
        self._wait_until_it_listens()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_SECONDS_MAX)

    def tls(self) -> ssl.SSLContext:
        """What a client needs to trust it."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def _certify(self) -> None:
        words = [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", "key.pem", "-out", self.certificate.name, "-subj", f"/CN={NAME}"),
            *("-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1"),
        ]
        subprocess.run(words, cwd=self.folder, check=True, capture_output=True)

    def _write_files(self) -> None:
        here = self.folder
        site = {
            "server 127.0.0.1:3000;": f"server 127.0.0.1:{self._backend_port};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
            # Not every machine has it.
            "listen [::]:443 ssl;": "",
            "/etc/ssl/tickets.example.com.pem": str(self.certificate),
            "/etc/ssl/tickets.example.com.key": str(here / "key.pem"),
            "/var/log/nginx/access.log": str(self.access_log),
        }
        main = {
            # Only root may choose, and the folder of a test is its own alone.
            "user www-data;": "user root;" if os.getuid() == 0 else "",
            "/run/nginx.pid": str(here / "nginx.pid"),
            "/var/log/nginx/error.log": str(self.error_log),
            "/etc/nginx/conf.d/*.conf": str(here / "conf.d/*.conf"),
        }
        buffers = [f"{kind}_temp_path {here / kind};" for kind in KINDS_OF_BUFFERS]
        (here / "conf.d").mkdir(exist_ok=True)
        (here / "conf.d/buffers.conf").write_text("\n".join(buffers))
        (here / "conf.d/ticketboss.conf").write_text(_filled("ticketboss.conf", site))
        (here / "nginx.conf").write_text(_filled("nginx.conf", main))

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            assert self._process is not None
            assert self._process.poll() is None, self.error_log.read_text()
            try:
                requests.get(f"{self.url}/metrics", verify=str(self.certificate), timeout=1)
            except requests.RequestException:
                assert time.monotonic() < deadline, self.error_log.read_text()
                time.sleep(PAUSE_SECONDS)
            else:
                return


def _filled(name: str, values: dict[str, str]) -> str:
    text = (FILES / name).read_text(encoding="utf-8")
    for ours, scratch in values.items():
        # Else the test would use something else than the file has.
        assert text.count(ours) == 1, ours
        text = text.replace(ours, scratch)
    return text
