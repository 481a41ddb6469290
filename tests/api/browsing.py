"""An operator's browser without the browser: cookies, and the tokens of forms."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')
ONCE = re.compile(r'name="once" value="([\w-]+)"')


class Browser(FlaskClient):
    """A client that keeps cookies, and fills in forms as their pages have them."""

    def sign_in(self, secret: str, headers: dict[str, str] | None = None) -> TestResponse:
        """Sign in with a key."""
        return self.fill("/console/sign-in", headers=headers, key=secret)

    def fill(self, url: str, headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
        """Load the page of a form and send it with these fields."""
        html = self.get(url, headers=headers).text
        once = ONCE.search(html)
        hidden = {"once": once[1]} if once else {}
        return self.post(url, data={"token": self.token(html), **hidden, **fields}, headers=headers)

    def confirm(self, url: str, **fields: str) -> TestResponse:
        """Fill in a form and confirm what its answer asks."""
        asked = self.fill(url, None, **fields)
        assert asked.status_code == 200, asked.text
        once = ONCE.search(asked.text)
        sent = {**fields, "confirmed": "yes", "token": self.token(asked.text)}
        return self.post(url, data=sent | ({"once": once[1]} if once else {}))

    @staticmethod
    def token(html: str) -> str:
        """The token of a page's forms."""
        found = TOKEN.search(html)
        assert found, html
        return found[1]


def browser(app: Flask, **environment: Any) -> Browser:
    """A new browser without cookies."""
    opened = Browser(app, app.response_class)
    opened.environ_base |= {"REMOTE_ADDR": "127.0.0.1", **environment}
    return opened
