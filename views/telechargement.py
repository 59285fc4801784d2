"""Files that a screen gives: the stream of an export as an attachment."""

from collections.abc import Iterator

from flask import Response, current_app, stream_with_context

from app import exports


def telecharger(contenu: Iterator[bytes], nom: str, format_: str) -> Response:
    """Answer with a file; it is made while it is sent, from the session of the request."""
    session = current_app.appbuilder.session()
    reponse = Response(stream_with_context(contenu), content_type=exports.TYPES_MIME[format_])
    reponse.headers["Content-Disposition"] = f'attachment; filename="{nom}"'
    reponse.call_on_close(session.close)  # the request ends before the file: its connection would not be given back
    return reponse
