"""The OpenAPI document, and Swagger UI to read it and try requests out."""

from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, send_file

from ticketboss.api import content_security
from ticketboss.api.answers import DocumentAnswer
from ticketboss.api.context import services
from ticketboss.api.json import encode
from ticketboss.api.openapi import build_document
from ticketboss.api.operations import HTML, operation
from ticketboss.api.problems import Problem
from ticketboss.api.scopes import needs

blueprint = Blueprint("docs", __name__)

SWAGGER_UI = Path(str(files("flask_swagger_ui"))) / "dist"
PAGES = Path(__file__).parent / "pages"
# Only these are served, whatever else the folders have.
ASSETS = {
    "swagger-ui.css": SWAGGER_UI / "swagger-ui.css",
    "swagger-ui-bundle.js": SWAGGER_UI / "swagger-ui-bundle.js",
    "favicon-32x32.png": SWAGGER_UI / "favicon-32x32.png",
    "docs.js": PAGES / "docs.js",
    "pages.css": PAGES / "pages.css",
}


# By mode. All applications of a process have the same routes, and tests make hundreds of them.
_documents: dict[bool, bytes] = {}


def encoded_document(app: Flask, is_open: bool) -> bytes:
    """The document of an application in a mode, built when it is first asked for."""
    if is_open not in _documents:
        _documents[is_open] = encode(build_document(app, is_open))
    return _documents[is_open]


@blueprint.get("/openapi.json")
@needs("nothing")
@operation("readDocument", (200, DocumentAnswer))
def document() -> Response:
    """This document, OpenAPI 3.1."""
    is_open = services().settings.auth == "open"
    body = encoded_document(current_app, is_open)
    response = Response(body, content_type="application/json")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/docs")
@needs("nothing")
@operation("readDocs", (200, HTML))
def page() -> Response:
    """This document as a page on which requests can be tried out."""
    response = _sent(PAGES / "docs.html")
    response.headers[content_security.HEADER] = content_security.DOCS
    return response


@blueprint.get("/docs/<asset>")
@needs("nothing")
@operation("readDocsFile", (200, "*/*"), refuses=("not_found",), path_values=tuple(ASSETS))
def page_asset(asset: str) -> Response:
    """A script, style sheet or icon of the pages."""
    if asset not in ASSETS:
        raise Problem("not_found")
    response = _sent(ASSETS[asset])
    response.headers["Cache-Control"] = "no-cache"
    return response


def _sent(file: Path) -> Response:
    """A file whole each time: without an entity tag, which nothing here would look at."""
    response = send_file(file, conditional=False, etag=False)
    del response.headers["Content-Disposition"]
    return response
