"""Reading of a FINESS+ record: typed rows, or a reject with its place, number and reason (DATA-FORMATS §1.1)."""

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from app.errors import FichierRefuse
from app.referentiels.depots import Source
from app.referentiels.finess_json import LectureFiness, lire_enregistrement
from app.referentiels.lignes import Enregistrement, Entete
from tests.fichier_finess import adresse, contact, document, ecrire, ej, et

EXEMPLES = Path(__file__).parents[3] / "shared" / "data" / "samples"


def lire(brut: Any) -> Enregistrement:
    return lire_enregistrement(12, b"empreinte", brut)


def test_a_record_gives_its_ej_and_its_et():
    lu = lire(
        ej(
            "350000022",
            et("350000741", siret="26350007600017", contact=[contact(telephone="0299284321", courriel="a@chu.fr")]),
            siren="263500076",
            codeApe="8610Z",
        )
    )

    assert lu.ej is not None
    assert lu.ej._asdict() == {
        "numero": "350000022",
        "raison_sociale": "EJ 350000022",
        "raison_sociale_longue": "ENTITE JURIDIQUE 350000022",
        "siren": "263500076",
        "code_ape": "8610Z",
        "statut_juridique_code": "14",
        "date_creation": date(1990, 1, 1),
        "ouvert": True,
        "date_fermeture": None,
        "date_maj": datetime(2026, 1, 1, tzinfo=UTC),
        "adresse": "1 RUE DE L EXEMPLE",
        "complement": None,
        "code_postal": "35000",
        "ville": "RENNES",
        "code_insee": "35238",
        "telephone": None,
        "telecopie": None,
        "courriel": None,
        "empreinte": b"empreinte",
        "position": "12",
    }
    [lu_et] = lu.ets
    assert (lu_et.numero, lu_et.numero_ej, lu_et.position) == ("350000741", "350000022", "12.1")
    assert (lu_et.siret, lu_et.categorie_code, lu_et.date_ouverture) == ("26350007600017", "355", date(2001, 2, 3))
    assert (lu_et.telephone, lu_et.courriel) == ("0299284321", "a@chu.fr")


@pytest.mark.parametrize(
    ("etat", "fermeture", "ouvert"),
    [("A", None, True), ("A", "2026-11-19", False), ("A", "2099-01-01", False), ("I", None, False), ("I", "", False)],
)
def test_open_means_active_and_without_closing_date(etat, fermeture, ouvert):
    lu = lire(ej("350000022", et("350000741", etatObjet=etat, dateFermeture=fermeture)))

    assert lu.ets[0].ouvert is ouvert


def test_the_site_address_and_the_main_contact_are_chosen():
    lu = lire(
        ej(
            "350000022",
            et(
                "350000741",
                adresse=[adresse("01", ligneAcheminement="AILLEURS"), adresse("03", ligneAcheminement="ICI")],
                contact=[contact("02", telephone="0200000000"), contact("01", telephone="0100000000")],
            ),
            adresse=[adresse("03", ligneAcheminement="AILLEURS"), adresse("02", ligneAcheminement="SIEGE")],
        )
    )

    assert lu.ej is not None
    assert (lu.ej.ville, lu.ets[0].ville, lu.ets[0].telephone) == ("SIEGE", "ICI", "0100000000")


def test_without_the_preferred_usage_the_first_one_is_taken():
    lu = lire(ej("350000022", et("350000741", adresse=[adresse("09")], contact=[contact("05", telephone="1")])))

    assert (lu.ets[0].ville, lu.ets[0].telephone) == ("RENNES", "1")


def test_the_address_is_one_line_and_its_complement_another():
    complete = adresse(
        numeroVoie="12", complementVoie="B", complementPointGeographique="BAT 3", lieuDit="LE BOURG", typeVoie=None
    )

    lu = lire(ej("350000022", et("350000741", adresse=[complete])))

    assert (lu.ets[0].adresse, lu.ets[0].complement) == ("12 B DE L EXEMPLE", "BAT 3, LE BOURG")


@pytest.mark.parametrize(("finess", "insee"), [("97123", "97701"), ("97127", "97801"), ("97105", "97105")])
def test_communes_abolished_by_insee_are_recoded(finess, insee):
    """DATA-FORMATS §1.4: Saint-Barthélemy and Saint-Martin."""
    lu = lire(ej("970000001", et("970100012", adresse=[adresse(cogCommune=finess)])))

    assert lu.ets[0].code_insee == insee


def test_missing_address_contact_and_long_name_are_empty():
    lu = lire(ej("350000022", et("350000741", adresse=[], contact=None, nomEgeLong=None, nomEgeCourt=" \t ")))

    assert [un.motif for un in lu.rejets] == ["La raison sociale est absente."]
    lu = lire(ej("350000022", et("350000741", adresse=[], contact=None, nomEgeLong="LONG", nomEgeCourt=None)))
    assert (lu.ets[0].raison_sociale, lu.ets[0].adresse, lu.ets[0].telephone) == ("LONG", None, None)


def test_control_characters_become_blanks():
    lu = lire(ej("350000022", et("350000741", nomEgeCourt="CH\x00\n DE\u00a0 RENNES\t")))

    assert lu.ets[0].raison_sociale == "CH DE RENNES"


@pytest.mark.parametrize("numero", ["350000742", "2A0000014", "000000000"])
def test_a_wrong_key_is_no_reject(numero):
    """DATA-FORMATS §0.4: the registry is the authority on its numbers."""
    assert lire(ej("350000022", et(numero))).rejets == []


@pytest.mark.parametrize(
    ("champs", "motif"),
    [
        ({"numFinessEge": "35000074"}, "numéro FINESS"),
        ({"numFinessEge": "35000074A"}, "numéro FINESS"),
        ({"numFinessEge": "350 00074"}, "numéro FINESS"),
        ({"numFinessEge": None}, "numéro FINESS"),
        ({"numFinessEge": 350000741}, "« numFinessEge » n’est pas un texte"),
        ({"nomEgeCourt": None, "nomEgeLong": ""}, "raison sociale est absente"),
        ({"nomEgeCourt": ["CH"]}, "« nomEgeCourt » n’est pas un texte"),
        ({"nomEgeCourt": "X" * 256}, "« nomEgeCourt » dépasse 255 caractères"),
        ({"siret": "1" * 15}, "« siret » dépasse 14 caractères"),
        ({"dateOuverture": "2001-02-30"}, "« dateOuverture » n’est pas une date lisible"),
        ({"dateOuverture": "20010203"}, "« dateOuverture » n’est pas une date lisible"),
        ({"dateFermeture": 2026}, "« dateFermeture » n’est pas un texte"),
        ({"dateDerniereMaj": "hier"}, "« dateDerniereMaj » n’est pas une date lisible"),
        ({"etatObjet": {"code": "A"}}, "etatObjet"),
        ({"etatObjet": None}, "etatObjet"),
        ({"adresse": "1 rue"}, "« adresse » n’est pas une liste"),
        ({"adresse": ["1 rue"]}, "L’adresse n’est pas un objet JSON"),
        ({"adresse": [adresse(libelleVoie="X" * 254)]}, "L’adresse dépasse 255 caractères"),
        ({"contact": [{"typeContact": {}, "telecom": "02"}]}, "« telecom » n’est pas un objet JSON"),
        ({"informationsGeneralesEGE": []}, "n’est pas un objet JSON"),
    ],
)
def test_a_bad_et_is_rejected_alone_and_its_record_will_be_read_again(champs, motif):
    lu = lire(ej("350000022", et("350000741"), et("350000758") | _imbriquer(champs)))

    assert [un.numero for un in lu.ets] == ["350000741"]
    assert lu.ej is not None
    assert lu.ej.empreinte is None
    [rejet] = lu.rejets
    assert (rejet.position, rejet.objet) == ("12.2", "ET")
    assert motif in rejet.motif


@pytest.mark.parametrize("brut", [None, 3, "EJ", [], {}, {"ege": "x"}, {"informationsGeneralesPMEJ": {}}])
def test_a_record_of_another_shape_is_rejected(brut):
    lu = lire(brut)

    assert (lu.ej, lu.ets, [un.objet for un in lu.rejets]) == (None, [], ["EJ"])


def test_the_et_of_a_rejected_ej_are_rejected_with_it():
    lu = lire(ej("ABC", et("350000741"), et("350000758"), 7))

    assert (lu.ej, lu.ets) == (None, [])
    assert [un.position for un in lu.rejets] == ["12", "12.1", "12.2", "12.3"]
    assert [un.numero for un in lu.rejets] == ["ABC", "350000741", "350000758", None]
    assert lu.rejets[1].motif.startswith("Son entité juridique est rejetée")


@pytest.mark.parametrize(
    ("racine", "code"),
    [
        ({"schemaVersion": "v2.0.0"}, "E-FICHIER-SCHEMA"),
        ({"schemaVersion": None}, "E-FICHIER-FORMAT"),
        ({"generatedAt": None}, "E-FICHIER-FORMAT"),
        ({"generatedAt": "bientôt"}, "E-FICHIER-FORMAT"),
    ],
)
def test_a_file_that_does_not_say_what_it_is_is_refused(racine, code):
    lecture = LectureFiness([json.dumps(document(**racine)).encode()])
    list(lecture)

    with pytest.raises(FichierRefuse) as refus:
        lecture.entete()

    assert refus.value.code == code


def test_the_header_may_come_last():
    contenu = document(ej("350000022"))
    lecture = LectureFiness([json.dumps(dict(reversed(contenu.items()))).encode()])

    assert len(list(lecture)) == 1
    assert lecture.entete() == Entete("v1.0.0", datetime(2026, 11, 20, 4, tzinfo=UTC))


def test_a_gzip_of_several_members_is_read_whole(tmp_path):
    octets = ecrire(tmp_path, ej("350000022"), ej("350000030")).read_bytes()
    chemin = tmp_path / "deux.json.gz"
    chemin.write_bytes(gzip.compress(octets[:100]) + gzip.compress(octets[100:]))
    source = Source(chemin)

    assert len(list(LectureFiness(source.morceaux()))) == 2
    assert (source.octets_lus, source.somme_lue()) == (source.taille, source.somme())


@pytest.mark.skipif(not EXEMPLES.exists(), reason="sample files are not distributed with the project")
@pytest.mark.parametrize("jour", ["20261120", "20261121"])
def test_sample_files_are_read_without_reject(jour):
    chemin = EXEMPLES / f"finess-structures-journalier-{jour}.json.gz"
    attendus = json.loads(gzip.decompress(chemin.read_bytes()))["pmej"]

    lus = list(LectureFiness(Source(chemin).morceaux()))

    assert [un for lu in lus for un in lu.rejets] == []
    assert [lu.ej.numero for lu in lus if lu.ej] == [un["informationsGeneralesPMEJ"]["numFinessPm"] for un in attendus]
    assert sum(len(lu.ets) for lu in lus) == sum(len(un["ege"]) for un in attendus)


def _imbriquer(champs: dict[str, Any]) -> dict[str, Any]:
    """An ET record with these keys replaced, wherever they are."""
    return et("350000758", **champs)
