"""Synchronisation with RPPS: the steps of that registry in the common engine (manual §1.2, SPEC R12 to R14)."""

from functools import partial

from app.referentiels import frein, rpps_arrivee, rpps_ecarts, rpps_repercussion
from app.referentiels.rpps_source import SourceRpps
from app.referentiels.synchro import Referentiel, synchroniser
from models.traitement import TypeTraitement

RPPS = Referentiel(
    type=TypeTraitement.RPPS,
    ouvrir=SourceRpps,
    charger=rpps_arrivee.charger,
    comparer=rpps_ecarts.comparer,
    freiner=frein.freiner_rpps,
    est_charge=rpps_arrivee.est_charge,
    consigner_changements=rpps_ecarts.consigner_changements,
    appliquer=rpps_ecarts.appliquer,
    repercuter=rpps_repercussion.repercuter,
)

synchroniser_rpps = partial(synchroniser, RPPS)
