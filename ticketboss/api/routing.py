"""How a request finds its view."""

from flask import Flask, Request
from werkzeug.routing import MapAdapter


class Application(Flask):
    """A Flask whose routes depend on path and method alone.

    Its own way looks at every request's host, scheme and query, for which no route of ours asks;
    and it refuses a client that offers to upgrade to a WebSocket, which RFC 9110 section 7.8 lets
    a server ignore.
    """

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        if request is None:
            return super().create_url_adapter(None)
        return self.url_map.bind("", path_info=request.path, default_method=request.method)
