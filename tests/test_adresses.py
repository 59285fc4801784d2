"""Addresses that the application writes to (SPEC A43, QUALITY A-38)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import adresses

MOI = "camille@exemple.fr"
DOMAINES = ("exemple.fr", "ars.sante.fr")


@pytest.mark.parametrize("separateur", [",", ";", "\n", "\r\n", " , ", ";\n"])
def test_addresses_are_separated_by_commas_semicolons_or_lines(separateur):
    assert adresses.decouper(f" a@exemple.fr{separateur}b@exemple.fr ") == ("a@exemple.fr", "b@exemple.fr")


def test_an_address_typed_twice_counts_once():
    assert adresses.decouper("A@exemple.fr; a@EXEMPLE.fr;;") == ("A@exemple.fr",)


@pytest.mark.parametrize(
    "adresse", ["a@exemple.fr", "prenom.nom+tri@chu-rennes.fr", "o'brien_2@a.b.c.fr", "a-b@x9.museum"]
)
def test_a_plain_address_is_valid(adresse):
    assert adresses.valable(adresse)


@pytest.mark.parametrize(
    "adresse",
    [
        "", "a", "@", "a@", "@exemple.fr", "a@exemple", "a@.fr", "a@exemple..fr", "a@-exemple.fr", "a@exemple-.fr",
        "a@exemple.f", "a@exemple.123", "a@127.0.0.1", "a@[127.0.0.1]", ".a@exemple.fr", "a.@exemple.fr",
        "a..b@exemple.fr", "a b@exemple.fr", "a@exemple.fr ", "a@b@exemple.fr", '"a"@exemple.fr', "<a@exemple.fr>",
        "Camille <a@exemple.fr>", "a%b@exemple.fr", "b!a@exemple.fr", "a(x)@exemple.fr", "a@exemple.fr\n",
        "a\0@exemple.fr",
        "é@exemple.fr", "a@exemplé.fr", "a@xn--exempl-gva.fr", "a@exemple.xn--p1ai", "a@ｅxemple.fr", "a@exemple．fr",
        "a" * 65 + "@exemple.fr", "a@" + "x" * 64 + ".fr", "a@" + "xy." * 90 + "fr", "mailto:a@exemple.fr",
        "a@exemple.fr,b",
    ],
)  # fmt: skip
def test_anything_else_is_refused(adresse):
    assert not adresses.valable(adresse)


@given(st.text(max_size=40), st.sampled_from(["a{}@exemple.fr", "a@{}exemple.fr", "{}a@exemple.fr", "a@exemple.fr{}"]))
def test_what_is_valid_can_change_no_header(intrus, moule):
    adresse = moule.format(intrus)

    assert not adresses.valable(adresse) or (
        adresse.isascii() and not set(adresse) & set(' \r\n\t\0,;:<>()"@\\[]') - {"@"}
    )


@pytest.mark.parametrize("adresse", [MOI, "CAMILLE@Exemple.FR", "b@exemple.fr", "b@ars.sante.fr"])
def test_ones_own_address_and_the_allowed_domains_may_be_written_to(adresse):
    assert adresses.refus_adresse(adresse, MOI, DOMAINES) is None


@pytest.mark.parametrize("adresse", ["b@gmail.com", "b@sante.fr", "b@x.ars.sante.fr", "b@ars.sante.fr.evil.org"])
def test_another_domain_is_refused_with_what_is_allowed(adresse):
    refus = adresses.refus_adresse(adresse, MOI, DOMAINES)

    assert refus == (
        f"L’adresse « {adresse} » n’est pas permise : "
        "vous pouvez écrire à celles qui se terminent par @exemple.fr, @ars.sante.fr."
    )


def test_without_allowed_domain_only_ones_own_address_is():
    assert adresses.refus_adresse(MOI, MOI, ()) is None
    assert adresses.refus_adresse("b@exemple.fr", MOI, ()).endswith("vous pouvez écrire à la vôtre.")


@pytest.mark.parametrize("adresse", ["é@exemple.fr", "a@exemplé.fr", "a@xn--exempl-gva.fr"])
def test_an_internationalised_address_has_its_own_sentence(adresse):
    assert "écrivez-la sans accents" in adresses.refus_adresse(adresse, MOI, DOMAINES)
