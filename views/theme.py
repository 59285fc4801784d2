"""Hook of the installation's own look: THEME_CSS names a style sheet, served after ours so that it wins."""

from pathlib import Path

from flask import Flask, Response, send_file


def installer(app: Flask, theme_css: str) -> None:
    """Serve the file at /theme.css; without THEME_CSS there is no such page."""
    if not theme_css:
        return
    fichier = Path(theme_css).expanduser().absolute()

    @app.get("/theme.css", endpoint="theme")
    def theme() -> Response:
        return send_file(fichier, mimetype="text/css", max_age=0)
