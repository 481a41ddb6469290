"""A short page for each error code: what `type` in a problem document points to."""

import json

from flask import Blueprint, Response, render_template

from ticketboss.api import content_security
from ticketboss.api.operations import HTML, operation
from ticketboss.api.problem_documents import problem_example
from ticketboss.api.problem_types import ALL_PROBLEMS
from ticketboss.api.problems import Problem
from ticketboss.api.scopes import needs

blueprint = Blueprint("problem_pages", __name__, template_folder="pages")


@blueprint.get("/problems/<code>")
@needs("nothing")
@operation("readProblemType", (200, HTML), refuses=("not_found",), path_values=tuple(ALL_PROBLEMS))
def show(code: str) -> Response:
    """What an error code means, for people."""
    if code not in ALL_PROBLEMS:
        raise Problem("not_found", "There is no error code of this name.")
    kind = ALL_PROBLEMS[code]
    example = problem_example(code, kind)
    page = render_template(
        "problem.html",
        code=code,
        kind=kind,
        detail=example["detail"],
        example=json.dumps(example, indent=2, ensure_ascii=False),
    )
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers[content_security.HEADER] = content_security.PAGE
    response.headers["Cache-Control"] = "no-cache"
    return response
