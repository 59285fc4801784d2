"""Security headers on every answer, errors and static files included (QUALITY A-80)."""

import secrets

from flask import Flask, Response, g, request

CSP = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FIXES = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=31536000; includeSubDomains"


def nonce() -> str:
    """The secret that a script tag of this page must carry."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def installer(app: Flask, *, production: bool) -> None:
    """Set the headers after every request; a page is never stored, a versioned static file is kept for a year."""

    @app.after_request
    def poser(reponse: Response) -> Response:
        entetes = reponse.headers
        entetes["Content-Security-Policy"] = CSP.format(nonce=nonce())
        for nom, valeur in FIXES.items():
            entetes[nom] = valeur
        if production:
            entetes["Strict-Transport-Security"] = HSTS
        if request.endpoint != "static":
            entetes["Cache-Control"] = "no-store"
        elif "v" in request.args:
            entetes["Cache-Control"] = "public, max-age=31536000, immutable"
        return reponse
