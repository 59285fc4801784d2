"""A poisoned registry displays inert on every page, in every file, and so does what users type (QUALITY A-30, A-32)."""

import csv
import io
from html.parser import HTMLParser

import openpyxl
import pytest
from sqlalchemy import select

from app.journal import entrees
from models.etats import TypeTerrain
from models.journal import Evenement
from models.traitement import (
    EtatTraitement,
    NatureChangement,
    ObjetFinessTraite,
    Traitement,
    TraitementChangement,
    TraitementRejet,
    TypeTraitement,
)
from tests import build

POISON = (
    "<poison onpoison=1>\"onpoison='1' '>\"><poison/onpoison=1 "
    "{{ 7919*7919 }}{% raw %}${7919*7919}#{7919*7919}%(x)s{0} "
    "javascript:poison() \u202e\u200f\ufeff &lt;poison&gt; --><!-- "
)
CALCULE = str(7919 * 7919)
FORMULES = ("=cmd|'/c calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1")


class Arbre(HTMLParser):
    """What a browser would build of a page, as far as a poison could show in it."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.trouves: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "poison" or (tag == "script" and "nonce" not in dict(attrs)):
            self.trouves.append(tag)
        for nom, valeur in attrs:
            if nom.startswith("on") or (valeur or "").strip().lower().startswith("javascript:"):
                self.trouves.append(f"{tag} {nom}={valeur}")

    def handle_comment(self, data: str) -> None:
        self.trouves.append(f"<!--{data}")


def empoisonne(longueur: int) -> str:
    return (POISON * (1 + longueur // len(POISON)))[:longueur]


CHAMPS = {
    "raison_sociale": 255, "raison_sociale_longue": 255, "adresse": 255, "complement": 255, "code_postal": 10,
    "ville": 100, "telephone": 30, "telecopie": 30, "courriel": 254,
}  # fmt: skip
SECONDAIRES = {
    "adresse_secondaire": 255, "code_postal_secondaire": 10, "ville_secondaire": 100, "courriel_secondaire": 254,
    "finess_errone_commentaire": 10_000, "finess_errone_par": 128,
}  # fmt: skip
REGISTRE = {champ: empoisonne(longueur) for champ, longueur in CHAMPS.items()}
CONTACTS = {champ: valeur for champ, valeur in REGISTRE.items() if not champ.startswith("raison")}
TERRAIN = {**CONTACTS, "responsable_nom": empoisonne(100)}
PRATICIEN = {
    "praticien_nom": empoisonne(100), "praticien_prenom": empoisonne(100), "nature_exercice": empoisonne(60),
    "nature_exercice_locale": empoisonne(60), "specialite_exercice_code": empoisonne(20), "rpps_errone": True,
    "rpps_errone_commentaire": empoisonne(1000), "rpps_errone_par": empoisonne(128),
}  # fmt: skip
ORGANISME = {
    "organisme_nom": empoisonne(255), "autre_numero": empoisonne(50), "autre_numero_nature": empoisonne(50),
}  # fmt: skip
LIEU = ("raison", "voie", "destinataire", "commune", "telephone", "mode")
TOUT = {
    **REGISTRE,
    **{champ: empoisonne(longueur) for champ, longueur in SECONDAIRES.items()},
    "finess_errone": True,
}


@pytest.fixture
def pages(session) -> list[str]:
    """A poisoned registry, and the addresses of the pages that show it."""
    ej = build.entite_juridique(session, **TOUT, statut_juridique_code="<p")
    et = build.etablissement(session, entite_juridique=ej, categorie_code="<p>", **TOUT)
    service = build.terrain(session, etablissement=et, nom=empoisonne(255), **TERRAIN)
    praticien = build.terrain(session, type=TypeTerrain.PRATICIEN, **PRATICIEN, **TERRAIN)
    organisme = build.terrain(session, type=TypeTerrain.AUTRE, **ORGANISME, **TERRAIN)
    exercant = build.praticien(session, nom=empoisonne(300), prenom=empoisonne(300))
    build.activite(session, exercant.rpps, **dict.fromkeys(LIEU, POISON))
    finess = build.finess_et(session, **REGISTRE, numero_ej=build.finess_ej(session, **REGISTRE).numero)
    traitement = _traitement(session)
    _historique(session, et)
    terrains = [f"/terrains/{un.id}" for un in (service, praticien, organisme)]
    fiches = [f"/etablissements/{et.id}", f"/entites-juridiques/{ej.id}", *terrains]
    return [
        "/",
        "/etablissements/?ars=",
        "/entites-juridiques/?ars=",
        *(f"{fiche}{suite}" for fiche in fiches for suite in ("", "/modifier", "/historique")),
        "/selection/etablissements?q=poison",
        "/selection/entites-juridiques?q=poison",
        f"/etablissements/creer?numero_finess={finess.numero}",
        f"/etablissements/creer?numero_finess={et.numero_finess}",
        "/terrains/?ars=",
        *_pages_nationales(session, service),
        "/selection/terrains?q=poison",
        "/selection/internes?q=poison",
        *(f"{fiche}/supprimer" for fiche in terrains),
        f"/terrains/{service.id}/reprendre",
        f"/terrains/creer/hospitalier?etablissement={et.numero_finess}",
        f"/terrains/creer/praticien?rpps={exercant.rpps}",
        "/referentiels/",
        *(f"/referentiels/{traitement.id}{suite}" for suite in ("", "/changements", "/rejets")),
    ]


def _pages_nationales(session, terrain) -> list[str]:
    """Agrément, demande, interne and semestre, poisoned by an import, with their cards and forms."""
    poste = build.semestre_internat(
        session,
        terrain,
        interne=build.interne(session, nom=empoisonne(100), prenom=empoisonne(100), identifiant=empoisonne(30)),
    )
    objets = {
        "agrements": build.agrement(session, terrain, reference=empoisonne(40)),
        "demandes": build.demande(session, terrain, reference=empoisonne(40)),
        "internes": poste.interne,
        "semestres-internat": poste,
    }
    return [
        adresse
        for ecran, objet in objets.items()
        for adresse in (
            f"/{ecran}/?ars=",
            *(f"/{ecran}/{objet.id}{suite}" for suite in ("", "/modifier", "/supprimer")),
        )
    ]


def _traitement(session) -> Traitement:
    """A run on a poisoned file."""
    traitement = Traitement(
        type=TypeTraitement.FINESS,
        etat=EtatTraitement.REFUSE,
        motif=empoisonne(10_000),
        demandeur=empoisonne(128),
        source=empoisonne(255),
        version_schema="<poison>",
        rejetes=1,
        rejets=[
            TraitementRejet(position="1", objet=ObjetFinessTraite.ET, numero=empoisonne(60), motif=empoisonne(10_000))
        ],
        changements=[
            TraitementChangement(
                objet=ObjetFinessTraite.ET,
                nature=NatureChangement.MODIFIE,
                numero="<poison>",
                libelle=empoisonne(255),
                avant={"ville": POISON, POISON: POISON},
                apres={"ville": POISON * 2, POISON: "x"},
            )
        ],
    )
    session.add(traitement)
    session.commit()
    return traitement


def _historique(session, et) -> None:
    changement = {"type": "Etablissement", "id": str(et.id), "libelle": POISON[:300], "ars": ["53"]}
    evenement = Evenement(
        operation="ET.<poison>",
        acteur=empoisonne(128),
        source="écran",
        changements=[{**changement, "avant": {"ville": POISON}, "apres": {"ville": POISON * 9, POISON: [POISON]}}],
    )
    session.add(evenement)
    session.flush()
    session.add_all(entrees(evenement))
    session.commit()


def test_a_poisoned_registry_is_shown_inert_on_every_page(connexion, pages):
    client = connexion("national", ars="53")
    montre = 0

    for adresse in pages:
        reponse = client.get(adresse)

        assert reponse.status_code == 200 or "creer" in adresse, adresse
        assert Arbre(reponse.text).trouves == [], adresse
        assert CALCULE not in reponse.text, adresse
        montre += "&lt;poison" in reponse.text
    assert montre >= 14


def test_what_is_typed_comes_back_inert(connexion, session):
    """Criteria in the URL, refused forms, the page of another ARS de travail, and errors."""
    et = build.etablissement(session)
    client = connexion("national", ars="53")
    champs = dict.fromkeys((*SECONDAIRES, "code_insee_secondaire", "version", "ars_affichee", POISON), POISON)
    sans_ars = {nom: valeur for nom, valeur in champs.items() if nom != "ars_affichee"}

    reponses = [
        client.get("/etablissements/", query_string=dict.fromkeys(("nom", "ars", "ville", "statut", POISON), POISON)),
        client.get("/reference/ars/", query_string={"q": POISON, "tri": POISON}),
        client.get("/selection/communes", query_string={"q": POISON}),
        client.get("/etablissements/creer", query_string={"numero_finess": POISON[:30]}),
        client.get(f"/{POISON}"),
        client.get(f"/reference/ars/{POISON}"),
        client.get("/ars-de-travail/", query_string={"next": POISON}),
        client.get("/ars-de-travail/", query_string={"next": "javascript:poison()"}),
        client.post(f"/etablissements/{et.id}/modifier", data=sans_ars),
        client.post(f"/etablissements/{et.id}/modifier", query_string={POISON: POISON}, data=champs),
        client.post("/reference/ars/nouveau", data={"code": POISON, "nom": POISON, "subdivisions": POISON}),
        client.post("/utilisateurs/nouveau", data={"username": POISON, "email": POISON, "last_name": POISON}),
    ]

    for reponse in reponses:
        assert reponse.status_code < 500, reponse.request.path
        assert Arbre(reponse.text).trouves == [], reponse.request.path


def test_pickers_answer_json_that_no_browser_takes_for_a_page(connexion, pages):
    reponse = connexion("lecture-53").get("/selection/etablissements?q=poison", headers={"Accept": "application/json"})

    assert reponse.json["resultats"]
    assert reponse.content_type == "application/json"
    assert reponse.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("ecran", ["agrements", "demandes", "internes", "semestres-internat"])
def test_exports_of_national_data_hold_no_formula(connexion, session, ecran):
    """A-30: whatever an import brought."""
    semestre = build.semestre(session)
    for formule in FORMULES:
        terrain = build.terrain(session, nom=formule)
        build.agrement(session, terrain, reference=formule)
        build.demande(session, terrain, reference=formule)
        interne = build.interne(session, nom=formule, prenom=formule)
        build.semestre_internat(session, terrain, interne=interne, semestre=semestre)

    contenu = connexion("lecture-53").get(f"/{ecran}/export.csv?ars=").data.decode("utf-8-sig")

    cellules = [cellule for ligne in csv.reader(io.StringIO(contenu), delimiter=";") for cellule in ligne]
    assert not [un for un in cellules if un.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert sum(un.startswith("'") for un in cellules) >= len(FORMULES)


@pytest.mark.parametrize("ecran", ["etablissements", "entites-juridiques"])
def test_exports_hold_no_formula_and_open_with_every_character(connexion, session, ecran):
    """A-30: whatever the registry says, in every column."""
    for formule in (*FORMULES, empoisonne(255)):
        textes = {champ: formule[: CHAMPS[champ]] for champ in CHAMPS}
        build.etablissement(session, entite_juridique=build.entite_juridique(session, **textes), **textes)
    client = connexion("lecture-53")

    lignes = list(
        csv.reader(io.StringIO(client.get(f"/{ecran}/export.csv?ars=").data.decode("utf-8-sig")), delimiter=";")
    )
    classeur = openpyxl.load_workbook(io.BytesIO(client.get(f"/{ecran}/export.xlsx?ars=").data))

    cellules = [cellule for ligne in lignes for cellule in ligne]
    assert not [un for un in cellules if un.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {cellule.data_type for ligne in classeur.active.iter_rows() for cellule in ligne} <= {"s", "n", "inlineStr"}
    assert sum("<poison" in cellule for cellule in cellules) >= 4


def test_nothing_was_written_by_reading(session, connexion, empreinte, pages):
    """No GET writes, but for the journal of exports (A-17)."""
    client = connexion("national", ars="53")
    avant = empreinte()

    for adresse in pages:
        client.get(adresse)

    assert empreinte() == avant
    assert session.scalars(select(Evenement.operation)).all() == ["ET.<poison>"]
