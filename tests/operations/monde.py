"""Small generated worlds for the properties of operations: établissements of several ARS, terrains of every type and
statut, agréments of every statut, demandes, semestres, former numbers; and the fingerprint of all business tables."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from random import Random
from typing import Any

from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

from app.calendrier import aujourd_hui
from app.scope import Actor, systeme
from app.unit_of_work import UnitOfWork
from models.agrement import Agrement, AgrementHistorique, DecisionAgrement, DemandeAgrement, EtatDemande, TypeAgrement
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEntiteJuridique, StatutEtablissement, StatutTerrain, TypeTerrain
from models.interne import Interne, Semestre, SemestreInternat
from models.nomenclature import Chu
from models.praticien import ActivitePraticien, Praticien
from models.terrain_de_stage import (
    AncienNumero,
    CompteurNumero,
    TerrainDeStage,
    TypeOrganisme,
    terrain_specialite_complementaire,
)
from models.universite import ConventionUfr
from tests import build

JOUR = aujourd_hui()
COMMUNES = {
    "53": ("35238", "35000", "RENNES"),
    "93": ("06088", "06000", "NICE"),
    "94": ("2A004", "20000", "AJACCIO"),
    "11": ("75056", "75012", "PARIS"),
    "01": ("97105", "97100", "BASSE-TERRE"),
    "03": ("97302", "97300", "CAYENNE"),
}
SUBDIVISIONS = {
    "53": ("RENNES", "BREST"),
    "93": ("MARSEILLE", "NICE"),
    "94": ("MARSEILLE", "NICE"),
    "11": ("IDF",),
    "01": ("ANTILLESGUYANE",),
    "03": ("ANTILLESGUYANE",),
}
ARS = tuple(COMMUNES)
PERIODES = {"échu": (-900, -10), "en cours": (-100, 100), "prochain": (20, 400)}
COMPARES = (
    *(Etablissement, EntiteJuridique, TerrainDeStage, AncienNumero, Agrement, AgrementHistorique, DemandeAgrement),
    *(Interne, Semestre, SemestreInternat, ConventionUfr, Praticien, ActivitePraticien),
)
JOURNALISES = {un.__tablename__: un.__name__ for un in (Etablissement, EntiteJuridique, TerrainDeStage, Agrement)}
Empreinte = dict[str, dict[str, dict[str, Any]]]


@dataclass
class Monde:
    """What a world holds, as identifiers: objects may expire."""

    ets: list[int] = field(default_factory=list)
    terrains: list[int] = field(default_factory=list)


def peupler(session: Session, hasard: Random) -> Monde:
    """A world where every invariant holds: 3 to 6 ET under 1 to 3 EJ, 4 to 10 terrains."""
    session.info["unit_of_work"] = UnitOfWork(session, systeme("test"), "TEST", "test")
    ets = _etablissements(session, hasard)
    semestres = [_semestre(session, -400), _semestre(session, 0)]
    terrains = [_terrain(session, hasard, ets) for _ in range(hasard.randint(4, 10))]
    for terrain in terrains:
        _dependances(session, hasard, terrain, semestres)
    session.flush()
    del session.info["unit_of_work"]
    return Monde([un.id for un in ets], [un.id for un in terrains])


def _ajouter(session: Session, objet: Any) -> Any:
    session.add(objet)
    return objet


def _etablissements(session: Session, hasard: Random) -> list[Etablissement]:
    entites = [_entite(session, hasard) for _ in range(hasard.randint(1, 3))]
    ets = []
    for rang in range(hasard.randint(3, 6)):
        ars = hasard.choice(("53", "53", "53", hasard.choice(ARS)))
        code_insee, code_postal, ville = COMMUNES[ars]
        secondaire = {"adresse": "9 quai", "code_postal": "35200", "ville": "RENNES", "code_insee": "35238"}
        et = Etablissement(
            numero_finess=build.numero_finess(),
            raison_sociale=f"HOPITAL {rang}",
            entite_juridique=entites[rang % len(entites)],
            statut=hasard.choice([StatutEtablissement.ACTIF, StatutEtablissement.ACTIF, StatutEtablissement.INACTIF]),
            categorie_code=hasard.choice(["101", "355"]),
            adresse=f"{rang} rue de l’Exemple",
            telephone=hasard.choice([None, "0299000000"]),
            **{"ars_code": ars, "code_insee": code_insee, "code_postal": code_postal, "ville": ville},
            **({f"{champ}_secondaire": un for champ, un in secondaire.items()} if hasard.random() < 0.3 else {}),
        )
        ets.append(_ajouter(session, et))
    session.flush()
    for entite in entites:  # EJ-01: without ET, it would be Supprimée
        if not any(un.entite_juridique is entite for un in ets):
            entite.statut = StatutEntiteJuridique.SUPPRIME
    return ets


def _entite(session: Session, hasard: Random) -> EntiteJuridique:
    entite = EntiteJuridique(
        numero_finess=build.numero_finess(),
        raison_sociale="EJ",
        ars_code=hasard.choice(["53", "93"]),
        statut=StatutEntiteJuridique.ACTIF,
    )
    if hasard.random() < 0.2:
        chu = {"nom": "CHU", "subdivision_code": "RENNES", "universitaire": hasard.random() < 0.5}
        session.add(Chu(numero_finess_ej=entite.numero_finess, **chu))
    return _ajouter(session, entite)


def _semestre(session: Session, decalage: int) -> Semestre:
    """The one of the calendar on that day."""
    jour = JOUR + timedelta(days=decalage)
    return session.scalars(
        select(Semestre).where(Semestre.date_fin >= jour).order_by(Semestre.date_debut).limit(1)
    ).one()


def _terrain(session: Session, hasard: Random, ets: list[Etablissement]) -> TerrainDeStage:
    type_ = hasard.choice([*[TypeTerrain.HOSPITALIER] * 3, *[TypeTerrain.PRATICIEN] * 2, TypeTerrain.AUTRE])
    et = hasard.choice(ets)
    # Now and then left in another ARS than that of its ET (A35).
    ars = et.ars_code if type_ is TypeTerrain.HOSPITALIER and hasard.random() < 0.9 else hasard.choice(ARS)
    assert ars is not None
    statuts = [StatutTerrain.ACTIF, StatutTerrain.ACTIF, StatutTerrain.INACTIF]
    if type_ is TypeTerrain.PRATICIEN:
        statuts.append(StatutTerrain.TRANSFERE)
    statut = hasard.choice(statuts)
    subdivision = hasard.choice(SUBDIVISIONS[ars])
    code_insee, code_postal, ville = COMMUNES[hasard.choice([ars, "53"])]
    secondaire = {"adresse": "3 allée", "code_postal": "29200", "ville": "BREST", "code_insee": "29019"}
    terrain = TerrainDeStage(
        numero=f"{ars}{type_.name[0]}{next(build._rang):05d}",
        nom=hasard.choice(["Médecine", "Chirurgie", "Urgences"]),
        subdivision_code=None if statut is StatutTerrain.TRANSFERE and hasard.random() < 0.5 else subdivision,
        adresse="1 rue",
        responsable_nom=hasard.choice([None, "FICTIF"]),
        **{"type": type_, "statut": statut, "ars_code": ars},
        **{"code_insee": code_insee, "code_postal": code_postal, "ville": ville},
        **({f"{champ}_secondaire": un for champ, un in secondaire.items()} if hasard.random() < 0.3 else {}),
        **_propre_au_type(session, hasard, type_, et, ars),
    )
    return _ajouter(session, terrain)


def _propre_au_type(
    session: Session, hasard: Random, type_: TypeTerrain, et: Etablissement, ars: str
) -> dict[str, Any]:
    if type_ is TypeTerrain.HOSPITALIER:
        stage_chu = hasard.choice([None, True, False]) if et.est_chu else None
        return {"etablissement": et, "stage_chu": stage_chu, "coordonnees_de_finess": hasard.random() < 0.5}
    if type_ is TypeTerrain.AUTRE:
        return {"type_organisme": TypeOrganisme.ASSOCIATION, "organisme_nom": "Association"}
    rpps = build.rpps()
    if hasard.random() < 0.9:
        absent = JOUR if hasard.random() < 0.2 else None
        session.add(
            Praticien(rpps=rpps, nom="FICTIVE", profession_code="10", savoirs_faire=["S:SM54"], absent_depuis=absent)
        )
        lieu = {"commune": "Ailleurs", "code_insee": {"53": "35238", "11": "75101"}.get(ars, "06088")}
        session.add(ActivitePraticien(rpps=rpps, structure="R1", mode="L", **lieu))
    return {"rpps": rpps, "praticien_nom": "FICTIVE"}


def _dependances(session: Session, hasard: Random, terrain: TerrainDeStage, semestres: list[Semestre]) -> None:
    """Agréments, demandes, internes and a former number: nothing open on a terrain that is not Actif."""
    session.flush()
    actif = terrain.statut is StatutTerrain.ACTIF
    for _ in range(hasard.randint(0, 3) if hasard.random() < 0.6 else 0):
        periode = hasard.choice(list(PERIODES)) if actif else "échu"
        _agrement(session, hasard, terrain, periode)
    if hasard.random() < 0.25:
        etats = list(EtatDemande) if actif else [EtatDemande.ACCORDEE, EtatDemande.REFUSEE]
        build_demande = {"reference": f"D{next(build._rang)}", "specialite_code": "DES28", "deposee_le": JOUR}
        session.add(DemandeAgrement(terrain=terrain, etat=hasard.choice(etats), **build_demande))
    for semestre in semestres:
        if hasard.random() < 0.3:
            identite = {"identifiant": f"I{next(build._rang)}", "nom": "FICTIF", "prenom": "C"}
            interne = Interne(subdivision_code="RENNES", specialite_code="DES28", **identite)
            session.add(SemestreInternat(terrain_id=terrain.id, semestre_id=semestre.id, interne=interne))
    if hasard.random() < 0.2:
        numero = f"84{terrain.type.name[0]}{next(build._rang):05d}"
        session.add(AncienNumero(terrain_id=terrain.id, numero=numero, jusqu_au=func.now()))


def _agrement(session: Session, hasard: Random, terrain: TerrainDeStage, periode: str) -> None:
    debut, fin = (JOUR + timedelta(days=un) for un in PERIODES[periode])
    lieu = {"ars_code": terrain.ars_code, "subdivision_code": terrain.subdivision_code}
    bassin = {"departement_code": terrain.departement_effectif, "numero_terrain": terrain.numero}
    agrement = Agrement(
        reference=f"A{next(build._rang)}",
        terrain_id=terrain.id,
        specialite_code="DES28",
        type=hasard.choice(list(TypeAgrement)),
        decision=hasard.choice([*[DecisionAgrement.AGREE] * 3, *DecisionAgrement]),
        a_reexaminer=hasard.random() < 0.2,
        **{"date_debut": debut, "date_fin": fin},
        **lieu,
        **bassin,
    )
    if terrain.statut is not StatutTerrain.ACTIF:
        agrement.decision = DecisionAgrement.AGREE
    session.add(agrement)
    if hasard.random() < 0.3:
        passe = {"jusqu_au": func.now(), "auteur": "ancien", "numero_terrain": "84H00001"}
        session.add(AgrementHistorique(agrement=agrement, ars_code="84", subdivision_code="LYON", **passe))


def acteur(hasard: Random, ars_code: str | None) -> Actor:
    """Mostly somebody who may: a national administrator, or a user of that ARS; now and then another, or a reader."""
    return hasard.choice(
        [
            *[Actor("admin", None, national=True)] * 3,
            *[Actor("agent", ars_code)] * 4,
            Actor("autre", hasard.choice(ARS)),
            Actor("lecteur", ars_code, ecriture=False),
        ]
    )


# --- Fingerprint ---


def empreinte(connection: Connection, *, calcules: bool = True) -> Empreinte:
    """Every row of the business tables by key, but version and date of change; counters and journal apart."""
    resultat: Empreinte = {}
    for modele in COMPARES:
        table = modele.__table__
        deduites = {c.name for c in table.columns if c.computed is not None and not c.primary_key}
        omis = {"version", "modifie_le"} | (set() if calcules else deduites)
        lignes = connection.scalars(text(f"SELECT to_jsonb(t) - '{{{','.join(omis)}}}'::text[] FROM {table.name} t"))
        cles = [c.name for c in table.primary_key]
        resultat[table.name] = {"-".join(str(une[c]) for c in cles): une for une in lignes}
    liens = connection.execute(select(terrain_specialite_complementaire)).all()
    resultat["terrain_specialite_complementaire"] = {str(tuple(un)): {} for un in liens}
    return resultat


def compteurs(connection: Connection) -> set[tuple[Any, ...]]:
    return {tuple(un) for un in connection.execute(select(CompteurNumero.__table__))}


def brut(valeur: Any) -> Any:
    """A value of a plan as `to_jsonb` shows its column."""
    return valeur.name if isinstance(valeur, Enum) else valeur


def changes(avant: Empreinte, apres: Empreinte) -> set[tuple[str, str]]:
    """Journaled objects that differ: model and key."""
    return {
        (modele, cle)
        for table, modele in JOURNALISES.items()
        for cle in avant[table].keys() | apres[table].keys()
        if avant[table].get(cle) != apres[table].get(cle)
    }


def verifier_les_invariants(session: Session) -> None:
    """I2, I3, I4, I5, I7, I8, I9 of the specification, whatever happened."""
    for nom, requete in _VIOLATIONS.items():
        assert session.execute(text(requete)).all() == [], nom


_OUVERT = "a.decision <> 'RETIRE' AND a.date_fin >= :jour".replace(":jour", f"date '{JOUR}'")
_VIOLATIONS = {
    "I2": "SELECT t.id FROM terrain_de_stage t JOIN etablissement e ON e.id = t.etablissement_id"
    " WHERE e.statut = 'SUPPRIME'",
    "I3": "SELECT rpps FROM terrain_de_stage WHERE rpps IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
    "I4": "SELECT j.id FROM entite_juridique j LEFT JOIN etablissement e"
    " ON e.entite_juridique_id = j.id AND e.statut <> 'SUPPRIME'"
    " GROUP BY j.id HAVING (j.statut = 'SUPPRIME') <> (count(e.id) = 0)",
    "I5": "SELECT e.id FROM etablissement e JOIN entite_juridique j ON j.id = e.entite_juridique_id"
    " WHERE e.statut = 'ACTIF' AND j.statut <> 'ACTIF'",
    "I7": "SELECT numero FROM (SELECT numero FROM terrain_de_stage UNION ALL SELECT numero FROM ancien_numero) n"
    " GROUP BY 1 HAVING count(*) > 1"
    " UNION SELECT numero FROM terrain_de_stage WHERE left(numero, 2) <> ars_code",
    "I8": "SELECT t.id FROM terrain_de_stage t LEFT JOIN agrement a ON a.terrain_id = t.id AND "
    + _OUVERT
    + " WHERE t.statut = 'TRANSFERE' AND (t.type <> 'PRATICIEN' OR a.id IS NOT NULL)",
    "S138": "SELECT a.id FROM agrement a JOIN terrain_de_stage t ON t.id = a.terrain_id"
    " WHERE t.statut <> 'ACTIF' AND " + _OUVERT,
    "I9": "SELECT t.id FROM terrain_de_stage t LEFT JOIN subdivision_ars s"
    " ON s.ars_code = t.ars_code AND s.subdivision_code = t.subdivision_code"
    " WHERE s.ars_code IS NULL AND NOT (t.subdivision_code IS NULL AND t.statut = 'TRANSFERE')",
    "S114": "SELECT a.id FROM agrement a JOIN terrain_de_stage t ON t.id = a.terrain_id WHERE " + _OUVERT + " AND"
    " (a.ars_code, a.subdivision_code, a.numero_terrain)"
    " IS DISTINCT FROM (t.ars_code, t.subdivision_code, t.numero)",
}
