"""Every page speaks French, says what it is, and writes dates as the French do (B-01)."""

import re
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.navigateur.conftest import Serveur, contexte, se_connecter
from tests.navigateur.visite import Visite, Vue

# Words that no French sentence has; those that both languages share (date, page, menu, file…) cannot tell.
ANGLAIS = frozenset(
    """
    about above add added adding all allowed already and any anonymous apply are asc ascending associated
    authentication back been before below between both browse bulk cancel changed check choose clear close closed
    columns confirm contains copy could create created current dashboard data default delete deleted denied desc
    descending deselect detail details disabled done download drag each edit edited email empty enabled enter equal
    error errors every example exists expired failed fail false field fields filename filter filters find first
    following for forbidden forgot form found from full greater group groups has have header hello help here hidden
    hide home internal invalid issue item items last less list load loading locked login logged logout lost manage
    missing month more must name names new next none nothing null number object occurred off old open operator order
    other owner password please previous profile query read ready record records refresh register registered
    remember remove required reset results return role roles row rows same save saved search select selected send
    server setting settings should show showing sign since size smaller some sorry start starts status submit
    success successfully than that the them then there they this timeout today too true unauthorized undefined
    unknown until up update updated upload user username users value values views warning was welcome were what when
    where which will with without wrong year yes yet you your
    """.split()  # noqa: SIM905
)
CODES = re.compile(r"\S*[@/_]\S*|\S+\.(?:json|gz|csv|xlsx|fr)\b")  # addresses and file names are not sentences
DATE_ISO = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
DATE = re.compile(r"\b(\d+)/(\d+)/(\d+)\b")


@pytest.fixture(params=["national", "gestionnaire-53"])
def vues(request: pytest.FixtureRequest, visites: Callable[[str], Visite]) -> tuple[Vue, ...]:
    return visites(request.param).vues


def mots_anglais(texte: str) -> set[str]:
    return ANGLAIS.intersection(re.findall(r"[^\W\d]+", CODES.sub(" ", texte).lower()))


def test_there_is_no_english_word(vues: tuple[Vue, ...]) -> None:
    assert {vue.adresse: trouves for vue in vues if (trouves := mots_anglais(vue.texte))} == {}


def test_the_search_for_english_words_finds_them() -> None:
    assert mots_anglais("Recherche – Add filter\nList Users") == {"add", "filter", "list", "users"}


def test_the_dialogs_speak_french_too(navigateur: Browser, site: Serveur) -> None:
    with contexte(navigateur, base_url=site.url) as context:
        page = context.new_page()
        se_connecter(site, page, "gestionnaire-53")
        page.goto("/etablissements/?ars=53")
        page.get_by_role("link", name="un numéro FINESS ET").click()
        page.get_by_role("searchbox").fill("introuvable")
        page.get_by_text("Aucun résultat.").wait_for()

        assert mots_anglais(page.get_by_role("dialog").inner_text()) == set()


def test_every_page_declares_its_language_and_has_one_heading(vues: tuple[Vue, ...]) -> None:
    assert {vue.adresse: (vue.langue, vue.h1) for vue in vues if (vue.langue, len(vue.h1)) != ("fr", 1)} == {}


def test_no_two_pages_have_the_same_title(vues: tuple[Vue, ...]) -> None:
    titres = Counter(vue.titre for vue in vues if vue.regle)

    assert [titre for titre, pages in titres.items() if pages > 1] == []


def test_dates_are_written_day_month_year(vues: tuple[Vue, ...]) -> None:
    assert {vue.adresse: trouvees for vue in vues if (trouvees := DATE_ISO.findall(vue.texte))} == {}
    fausses = [
        (vue.adresse, date)
        for vue in vues
        for date in DATE.findall(vue.texte)
        if int(date[0]) > 31 or int(date[1]) > 12 or len(date[2]) != 4
    ]
    assert fausses == []
