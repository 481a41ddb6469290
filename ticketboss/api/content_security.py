"""The Content-Security-Policy of every answer."""

HEADER = "Content-Security-Policy"
# Nothing of an answer is to be shown as a page, in a frame or otherwise.
NOTHING = "default-src 'none'; frame-ancestors 'none'"
# Our few pages: their own style sheet and icon, and no script.
PAGE = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# Swagger UI: its script reads the document and tries requests out; its style sheet has images in
# data: URLs.
DOCS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# The operators' pages: scripts and styles of their own, requests and forms to this server alone.
CONSOLE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
