"""History tab of a card: who changed what on this object, last first (B-18)."""

from flask import abort
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.journal import EntreeJournal, Evenement
from views.identite import current_actor

ENTREES_PAR_PAGE = 100


class Historique:
    """Mixed into the screen of one model."""

    @expose("/<pk>/historique")
    @has_access
    def historique(self, pk: str) -> ResponseReturnValue:
        """Who changed what on this object, last first (B-18); that of another ARS stays closed (M23)."""
        objet = self.objet(pk)
        if not current_actor().sees_journal_of(objet):
            abort(403)
        entrees = self.datamodel.session.scalars(
            select(EntreeJournal)
            .where(EntreeJournal.objet_type == type(objet).__name__, EntreeJournal.objet_id == str(objet.id))
            .join(EntreeJournal.evenement)
            .options(joinedload(EntreeJournal.evenement))
            .order_by(Evenement.id.desc())
            .limit(ENTREES_PAR_PAGE)
        ).all()
        return self.render_template(
            "registre_finess/historique.html",
            title=f"Historique de {objet}",
            vue=self,
            objet=objet,
            onglet="historique",
            entrees=entrees,
            actor=current_actor(),
        )
