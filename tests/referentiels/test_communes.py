"""Official geographic code: communes that change, merge and leave; what named them follows (SPEC R15)."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.errors import FichierRefuse
from app.referentiels import graines
from app.referentiels.graines import DOSSIER, charger_graines
from models.commune import AliasCommune, CodePostal, Commune
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.journal import Evenement
from models.terrain_de_stage import TerrainDeStage
from tests import build, fichier_finess
from tests.fichier_insee import charger, cog, commune, comptes, ecrire_cog, ecrire_mouvements, fusion, mouvement

# Three communes of Ille-et-Vilaine, and one of the Loire-Atlantique.
RENNES, BRUZ, CESSON, NANTES = "35238", "35047", "35051", "44109"
TOUTES = 34_969 - 94 + 45  # of the seeds, without the collectivities of the other file
SECONDAIRE = {"adresse_secondaire": "2 rue du Test", "code_postal_secondaire": "35170", "ville_secondaire": "BRUZ"}


def evenements(session: Session) -> list[tuple[str, dict, dict]]:
    lus = session.scalars(select(Evenement).order_by(Evenement.id)).all()
    return [(un.operation, un.changements[0]["avant"], un.changements[0]["apres"]) for un in lus]


def test_a_file_that_says_what_is_known_changes_nothing(session: Session, tmp_path):
    avant = session.execute(text("SELECT md5(string_agg(c::text, '' ORDER BY code)) FROM commune c")).scalar()

    resultat = charger(session, "communes", ecrire_cog(tmp_path, cog()))

    assert comptes(resultat) == {"inchanges": TOUTES}
    assert session.execute(text("SELECT md5(string_agg(c::text, '' ORDER BY code)) FROM commune c")).scalar() == avant


def test_communes_are_created_and_renamed_and_a_second_load_changes_nothing(session: Session, tmp_path):
    fichier = ecrire_cog(tmp_path, cog(avec=[commune("35999", "L’Île-Neuve"), commune(BRUZ, "Bruz-sur-Seiche")]))

    premier, second = charger(session, "communes", fichier), charger(session, "communes", fichier)

    assert comptes(premier) == {"crees": 1, "modifies": 1, "inchanges": TOUTES - 1}
    assert comptes(second) == {"inchanges": TOUTES + 1}
    assert session.get_one(Commune, "35999").nom_postal == "l ile neuve"
    assert session.get_one(Commune, BRUZ).nom_norme == "bruz-sur-seiche"


def test_a_simulation_tells_the_same_and_leaves_nothing(session: Session, tmp_path):
    fichier = ecrire_cog(tmp_path, cog(sans=[CESSON], avec=[commune("35999"), commune(BRUZ, "Bruz", "COMD", RENNES)]))
    build.etablissement(session, code_insee=BRUZ)

    simule = charger(session, "communes", fichier, simulation=True)

    assert session.get(Commune, "35999") is None
    assert session.get_one(Commune, CESSON).absente_depuis is None
    assert evenements(session) == []
    assert charger(session, "communes", fichier) == simule


def test_only_communes_and_arrondissements_can_be_given_to_an_address(session: Session, tmp_path):
    """A delegated commune is an old code; that of the chief town itself says nothing more."""
    deleguees = [commune("35998", "Déléguée", "COMD", BRUZ), commune(BRUZ, "Bruz", "COMD", BRUZ)]
    associees = [commune("35997", "Associée", "COMA", BRUZ)]

    resultat = charger(session, "communes", ecrire_cog(tmp_path, cog(avec=deleguees + associees)))

    assert comptes(resultat) == {"crees": 2, "inchanges": TOUTES, "hors_champ": 1}
    assert session.get(Commune, "35998") is None
    assert session.get_one(AliasCommune, "35997").commune_code == BRUZ
    assert session.get_one(Commune, "75112").commune_mere_code == "75056"


def test_collectivities_of_the_other_file_stay(session: Session, tmp_path):
    charger(session, "communes", ecrire_cog(tmp_path, cog()))

    codes = ("97501", "97701", "97801", "98735")
    assert session.scalars(select(Commune.absente_depuis).where(Commune.code.in_(codes))).all() == [None] * 4


# --- Merged communes: everything follows ---


@pytest.fixture
def fiches(session: Session) -> tuple[EntiteJuridique, Etablissement, TerrainDeStage]:
    """An EJ and an ET in Bruz by the registry, a terrain by its secondary block, and Bruz's bassin de vie."""
    ej = build.entite_juridique(session, code_insee=BRUZ)
    et = build.etablissement(session, entite_juridique=ej, code_insee=BRUZ)
    terrain = build.terrain(session, etablissement=et, code_insee=CESSON, code_insee_secondaire=BRUZ, **SECONDAIRE)
    session.execute(text("INSERT INTO bassin_de_vie VALUES ('35047', 'Bruz'), ('35238', 'Rennes')"))
    session.execute(text("UPDATE commune SET bassin_de_vie_code = code WHERE code IN ('35047', '35238')"))
    return ej, et, terrain


def test_a_commune_that_was_merged_takes_what_named_it_along(session: Session, tmp_path, fiches):
    """R15: EJ, ET and terrains get the new code, each with an event; the old code is kept."""
    charger(session, "communes", ecrire_cog(tmp_path, cog(sans=[BRUZ])))

    resultat = charger(session, "mouvements", ecrire_mouvements(tmp_path, fusion(BRUZ, RENNES)))

    ej, et, terrain = (session.get_one(type(un), un.id) for un in fiches)
    assert comptes(resultat) == {"crees": 1, "hors_champ": 2, "retires": 1, "objets_modifies": 3}
    assert (ej.code_insee, et.code_insee, terrain.code_insee, terrain.code_insee_secondaire) == (
        RENNES,
        RENNES,
        CESSON,
        RENNES,
    )
    assert (terrain.ville_secondaire, terrain.code_insee_effectif) == ("BRUZ", RENNES)
    assert evenements(session) == [
        ("ET.commune", {"code_insee": BRUZ}, {"code_insee": RENNES}),
        ("EJ.commune", {"code_insee": BRUZ}, {"code_insee": RENNES}),
        ("TS.commune", {"code_insee_secondaire": BRUZ}, {"code_insee_secondaire": RENNES}),
    ]
    assert session.get(Commune, BRUZ) is None
    assert session.get_one(AliasCommune, BRUZ).commune_code == RENNES
    assert et.commune.bassin_de_vie.nom == "Rennes"
    postaux = select(CodePostal.code_postal).where(CodePostal.commune_code == RENNES)
    assert "35170" in session.scalars(postaux).all()


def test_the_code_of_communes_alone_is_enough_when_it_names_the_delegated_one(session: Session, tmp_path, fiches):
    fichier = ecrire_cog(tmp_path, cog(sans=[BRUZ], avec=[commune(BRUZ, "Bruz", "COMD", RENNES)]))

    premier, second = charger(session, "communes", fichier), charger(session, "communes", fichier)

    assert comptes(premier) == {"crees": 1, "inchanges": TOUTES - 1, "retires": 1, "objets_modifies": 3}
    assert comptes(second) == {"inchanges": TOUTES}
    assert session.get_one(Etablissement, fiches[1].id).code_insee == RENNES


def test_a_code_that_changes_with_its_departement_takes_the_ars_along(session: Session, tmp_path, fiches):
    """R8, R15: the ET and the EJ go to the ARS of the new département, the terrain keeps that of its number."""
    charger(session, "communes", ecrire_cog(tmp_path, cog(sans=[BRUZ], avec=[commune("44999", "Bruz")])))

    charger(session, "mouvements", ecrire_mouvements(tmp_path, [mouvement("41", "2026-01-01", BRUZ, "44999")]))

    ej, et, terrain = (session.get_one(type(un), un.id) for un in fiches)
    assert (ej.ars_code, et.ars_code, terrain.ars_code) == ("52", "52", "53")
    assert (et.departement_effectif, terrain.departement_effectif) == ("44", "44")
    assert et.commune.bassin_de_vie.nom == "Bruz"  # the new code inherits it


def test_the_night_does_not_bring_the_old_code_back(session: Session, tmp_path):
    """R15: a registry that still gives the old code is understood; its mirror keeps what it says."""
    numero_ej, numero = "350000022", "350000741"
    dans_bruz = fichier_finess.et(numero, adresse=[fichier_finess.adresse(cogCommune=BRUZ)])
    fichier_finess.charger(fichier_finess.ecrire(tmp_path, fichier_finess.ej(numero_ej, dans_bruz), nom="un.json"))
    ej = build.entite_juridique(session, numero_finess=numero_ej)
    et = build.etablissement(session, numero_finess=numero, entite_juridique=ej, code_insee=BRUZ)
    charger(session, "communes", ecrire_cog(tmp_path, cog(sans=[BRUZ], avec=[commune(BRUZ, "Bruz", "COMD", RENNES)])))

    nuit = fichier_finess.ecrire(
        tmp_path, fichier_finess.ej(numero_ej, dans_bruz), genere_le=fichier_finess.JOUR_2, nom="deux.json"
    )
    fichier_finess.charger(nuit)

    session.expire_all()
    assert session.get_one(Etablissement, et.id).code_insee == RENNES
    assert session.scalar(text("SELECT code_insee FROM finess_et")) == BRUZ
    codes = [apres["code_insee"] for _, _, apres in evenements(session) if "code_insee" in apres]
    assert codes == [RENNES]


@pytest.mark.parametrize("quoi", ["communes", "mouvements"])
def test_what_still_names_a_code_abolished_long_ago_follows_at_the_next_load(session: Session, tmp_path, quoi):
    """01340 was merged into 01015 before the first load: a former application may still give it."""
    et = build.etablissement(session, code_insee_secondaire="01340", **SECONDAIRE)
    fichiers = {
        "communes": lambda: ecrire_cog(tmp_path, cog()),
        "mouvements": lambda: ecrire_mouvements(tmp_path, fusion("01340", "01015", "2016-01-01")),
    }

    resultat = charger(session, quoi, fichiers[quoi]())

    assert session.get_one(Etablissement, et.id).departement_effectif == "01"
    assert session.get_one(Etablissement, et.id).commune.code == "01015"
    assert (resultat.crees, resultat.objets_modifies) == (0, 1)


# --- Communes that leave without a word ---


def test_a_commune_that_leaves_without_successor_is_kept_marked_and_told(session: Session, tmp_path, fiches):
    fichier = ecrire_cog(tmp_path, cog(sans=[BRUZ]))

    premier, second = charger(session, "communes", fichier), charger(session, "communes", fichier)

    assert premier.a_verifier == second.a_verifier
    assert premier.a_verifier[0].startswith("35047 Bruz n’est plus dans le code officiel")
    assert session.get_one(Commune, BRUZ).absente_depuis == date(2026, 1, 1)
    assert session.get_one(Etablissement, fiches[1].id).commune.nom == "Bruz"
    assert evenements(session) == []


def test_a_commune_that_comes_back_is_a_commune_again(session: Session, tmp_path):
    charger(session, "communes", ecrire_cog(tmp_path, cog(sans=[BRUZ])))
    charger(session, "mouvements", ecrire_mouvements(tmp_path, fusion(BRUZ, RENNES)))

    resultat = charger(session, "communes", ecrire_cog(tmp_path, cog(), nom="v_commune_2027.csv"))

    assert comptes(resultat) == {"crees": 1, "inchanges": TOUTES - 1}
    assert session.get(AliasCommune, BRUZ) is None
    assert session.get_one(Commune, BRUZ).nom == "Bruz"


# --- Refusals: nothing is written ---


@pytest.mark.parametrize(
    ("lignes", "code", "phrase"),
    [
        (lambda: cog()[:10_000], "E-FREIN-DEPARTEMENT", "du département"),
        (lambda: [une for une in cog() if not une[1].startswith("976")], "E-FREIN-DEPARTEMENT", "976"),
        (lambda: [une for rang, une in enumerate(cog()) if rang % 3], "E-FREIN-VOLUME", "communes connus"),
        (lambda: [[une[0], une[1].lstrip("0"), *une[2:]] for une in cog()], "E-FREIN-REJETS", "zéro initial"),
        (lambda: [commune("99999")], "E-FICHIER-SANS-LIGNE", "exploitable"),
    ],
    ids=["third", "departement", "sparse", "zeros", "nothing"],
)
def test_a_file_that_is_not_whole_is_refused_with_its_reason(session: Session, tmp_path, lignes, code, phrase):
    """QUALITY A-36: what is missing would be taken for abolished."""
    with pytest.raises(FichierRefuse, match=phrase) as refus:
        charger(session, "communes", ecrire_cog(tmp_path, lignes()))

    assert refus.value.code == code
    assert session.scalars(select(Commune.code).where(Commune.absente_depuis.is_not(None))).all() == []


def test_lines_that_cannot_be_taken_are_rejected_with_their_number_and_reason(session: Session, tmp_path):
    mauvaises = [
        (commune("3504", "Bruz"), "zéro initial"),
        (commune("35998", "Bruz", "XXX"), "Le type « XXX » n’est pas connu"),
        (commune("99047", "Bruz"), "Le département 99 n’est pas connu"),
        (["COM", "35996", "", "44", *[""] * 5, "Bruz", "", ""], "n’est pas celui du code"),
        (commune("35995", ""), "nom manque"),
        (commune("35994", "x" * 101), "trop long"),
        (commune("35993", "Bruz", "ARM"), "COMPARENT"),
        (commune("35992", "Bruz", "COMD", "35999"), "Sa commune n’est pas dans le fichier"),
        (commune("35991", "Bruz", "ARM", "35999"), "Sa commune n’est pas dans le fichier"),
        (commune("35990", "Bruz")[:-1], "11 colonnes au lieu de 12"),
    ]

    resultat = charger(session, "communes", ecrire_cog(tmp_path, [*(ligne for ligne, _ in mauvaises), *cog()]))

    assert comptes(resultat) == {"inchanges": TOUTES, "rejetes": len(mauvaises)}
    motifs = {un.ligne: un.motif for un in resultat.rejets}
    for rang, (_, motif) in enumerate(mauvaises):
        assert motif in motifs[rang + 2]


def test_a_code_given_twice_is_taken_once_and_the_second_told(session: Session, tmp_path):
    resultat = charger(session, "communes", ecrire_cog(tmp_path, [commune(BRUZ, "Bruz"), *cog()]))

    assert comptes(resultat) == {"inchanges": TOUTES, "rejetes": 1}
    assert resultat.rejets[0].motif == "Ce code est déjà à la ligne 2."


def test_a_commune_whose_line_was_rejected_is_not_taken_for_abolished(session: Session, tmp_path):
    resultat = charger(session, "communes", ecrire_cog(tmp_path, cog(avec=[commune(BRUZ, "")])))

    assert (resultat.a_verifier, comptes(resultat)) == ((), {"inchanges": TOUTES - 1, "rejetes": 1})
    assert session.get_one(Commune, BRUZ).absente_depuis is None


# --- Seeds ---


def test_a_new_seed_does_not_undo_what_an_operator_loaded(session: Session, tmp_path, monkeypatch):
    """`flask init` after a loader: the three tables are the operator's."""
    charger(session, "communes", ecrire_cog(tmp_path, cog(sans=[BRUZ], avec=[commune("35999")])))
    charger(session, "mouvements", ecrire_mouvements(tmp_path, fusion(BRUZ, RENNES)))
    copie = tmp_path / "seeds"
    copie.mkdir()
    for graine in DOSSIER.glob("*.csv"):
        octets = graine.read_bytes()
        (copie / graine.name).write_bytes(octets + b"\n" if "communes" in graine.name else octets)
    monkeypatch.setattr(graines, "DOSSIER", copie)

    ecrites = charger_graines(session)

    assert ecrites == {}
    assert session.get(Commune, BRUZ) is None
    assert session.get(Commune, "35999") is not None
    assert session.get_one(AliasCommune, BRUZ).commune_code == RENNES
