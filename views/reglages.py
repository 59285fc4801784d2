"""Settings of the installation, for the screens."""

from flask import current_app

from config import Settings


def reglages() -> Settings:
    lus: Settings = current_app.extensions["settings"]
    return lus
