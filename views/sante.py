"""Probes for the supervision: alive (depends on nothing), ready (database at the level of the code); nothing leaks."""

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app, jsonify
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from config import Settings


class SanteView(BaseView):
    route_base = "/sante"
    default_view = "vivant"

    @expose("/vivant")
    def vivant(self) -> ResponseReturnValue:
        return jsonify(etat="vivant")

    @expose("/pret")
    def pret(self) -> ResponseReturnValue:
        """Ready = the database answers, at the level of the code. Without Redis the screens work: it is only told."""
        base, schema = self._base_et_schema()
        return jsonify(base=base, schema=schema, file=_redis_repond()), 200 if base and schema else 503

    def _base_et_schema(self) -> tuple[bool, bool]:
        try:
            revision = MigrationContext.configure(self.appbuilder.session.connection()).get_current_revision()
        except SQLAlchemyError:
            return False, False
        dossier = current_app.extensions["migrate"].directory
        return True, revision == ScriptDirectory(dossier).get_current_head()


def _redis_repond() -> bool:
    settings: Settings = current_app.extensions["settings"]
    if not settings.redis_url:
        return False
    try:
        with Redis.from_url(settings.redis_url, socket_timeout=1, socket_connect_timeout=1) as redis:
            return bool(redis.ping())
    except RedisError:
        return False
