"""Scripts and styles of the pages."""

from pathlib import Path

from flask import Blueprint, Response, send_file

from ticketboss.api.operations import page as page_operation
from ticketboss.api.problems import Problem
from ticketboss.api.scopes import needs

blueprint = Blueprint("assets", __name__)

STATIC = Path(__file__).parent / "static"
# Only these are served, whatever else the folder has.
OWN = ("console.css", "live.js", "events.js", "event.js", "charts.js", "forms.js", "icon.svg")
VENDORED = ("uplot-1.6.32.min.js", "uplot-1.6.32.min.css", "uplot-LICENSE.txt")
ASSETS = {name: STATIC / name for name in OWN} | {
    name: STATIC / "vendor" / name for name in VENDORED
}


@blueprint.get("/static/<asset>")
@needs("nothing")
@page_operation("readConsoleFile", "*/*")
def show(asset: str) -> Response:
    """One file; a browser that has it asks only whether it is still the same."""
    if asset not in ASSETS:
        raise Problem("not_found")
    response = send_file(ASSETS[asset])
    del response.headers["Content-Disposition"]
    response.headers["Cache-Control"] = "no-cache"
    return response
