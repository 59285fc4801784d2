"""Choosing an établissement for an operation: every one of France is listed, those that cannot be chosen say why
(manual §1.7, S97, S99, S106)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from app import libelles
from app.errors import Refus
from app.recherches import fusions
from app.recherches.coordonnees import TERRITOIRES, listes_fermees
from app.recherches.etablissements import RECHERCHE, CriteresEtablissement
from models.etablissement import Etablissement
from models.etats import StatutEtablissement
from views.criteres import Choix, Puce, lire_criteres, puces
from views.listes import Liste, lire_demande, lister

CRITERES = frozenset({"nom", "ville", "numero", "numero_ej", "ars", "statut"})
STATUTS = [(un.name, un.value) for un in StatutEtablissement if un is not StatutEtablissement.SUPPRIME]
LIBELLES = {**libelles.CHAMPS, "numero": "Numéro FINESS ET", "numero_ej": "Numéro FINESS EJ"}
# What a row says of its refusal; the whole sentence is read aloud, and shows under the mouse.
EN_BREF = {
    "E-HORS-ARS": "Hors de votre ARS de travail",
    "E-MEME-ET": "C’est l’origine",
    "E-DEST-INACTIVE": "N’est pas actif",
    "E-ORIGINE-SUPPRIMEE": "Supprimé",
    "E-RIEN-A-FAIRE": "Aucun terrain",
    "E-SELECTION-VIDE": "Aucun terrain",
}

Juge = Callable[[Etablissement, int], Sequence[Refus]]


@dataclass(frozen=True)
class Candidat:
    """A row of the list: the établissement, its terrains, and why it cannot be chosen."""

    ligne: Any
    terrains: int
    refus: tuple[Refus, ...]


@dataclass(frozen=True)
class RechercheAChoisir:
    """A search and its result, as the page shows them."""

    criteres: CriteresEtablissement
    choix: Mapping[str, Choix]
    puces: Sequence[Puce]
    liste: Liste
    candidats: Sequence[Candidat]


def rechercher(session: Session, statuts: tuple[str, ...], juger: Juge) -> RechercheAChoisir:
    """The search of this address, or of these statuts when it says nothing; what is Supprimé is never listed.

    `juger` says why a row may not be chosen.
    """
    criteres = lire_criteres(CriteresEtablissement, request.args, archives=False)
    if CRITERES.isdisjoint(request.args):
        criteres = replace(criteres, statut=statuts)
    liste = lister(
        lire_demande(request.args, RECHERCHE.tris, "nom"),
        lambda: RECHERCHE.total(session, criteres),
        lambda demande: RECHERCHE.page(
            session,
            criteres,
            tri=demande.tri,
            descendant=demande.descendant,
            decalage=demande.decalage,
            taille=demande.taille,
        ),
    )
    ids = [ligne.id for ligne in liste.lignes]
    fiches = fusions.etablissements(session, ids)
    nombres = fusions.nombres_de_terrains(session, ids)
    candidats = []
    for ligne in liste.lignes:
        nombre = nombres.get(ligne.id, 0)
        candidats.append(Candidat(ligne, nombre, tuple(juger(fiches[ligne.id], nombre))))
    choix = {"ars": listes_fermees(session, {"ars": TERRITOIRES["ars"]})["ars"], "statut": STATUTS}
    return RechercheAChoisir(criteres, choix, puces(criteres, LIBELLES, choix), liste, candidats)
