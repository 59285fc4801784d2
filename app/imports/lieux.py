"""Addresses of a takeover file → INSEE codes, each place once (S36, A20).

The rule is that of the screens (`app.operations.coordonnees`); here nobody is there to choose among communes, so the
file must give the code when the place is not enough.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.imports.lecture import Colonne
from app.imports.valeurs import Lecteur, code, texte
from app.operations import coordonnees
from app.operations.coordonnees import BlocSecondaire
from app.referentiels.copie import copier
from models.coordonnees import CHAMPS_COORDONNEES, TRIPLET

CODE_POSTAL = code(r"\d{5}", "code postal", "35000")
_LECTEURS: dict[str, Lecteur] = {
    "adresse": texte(255),
    "complement": texte(255),
    "code_postal": CODE_POSTAL,
    "ville": texte(100),
    "code_insee": code(r"\d[0-9AB]\d{3}", "code commune INSEE", "35238"),
    "telephone": texte(30),
    "telecopie": texte(30),
    "courriel": texte(254),
}
SECONDAIRES = tuple(f"{champ}_secondaire" for champ in CHAMPS_COORDONNEES)
# A cell may be empty in the file, never in the database: what is not there is NULL already.
_LIEUX = """
    SELECT DISTINCT 'secondaire' AS bloc, code_postal_secondaire, ville_secondaire,
           coalesce(code_insee_secondaire, '') FROM copie c
    WHERE motif IS NULL AND code_postal_secondaire IS NOT NULL AND ville_secondaire IS NOT NULL
    UNION ALL SELECT DISTINCT 'principal', code_postal, ville, coalesce(code_insee, '') FROM copie c
    WHERE motif IS NULL AND code_postal IS NOT NULL AND ville IS NOT NULL AND ({principaux})
"""
# What was found for the secondary block (ls) and for the principal one (lp) of a line.
JOINTURES = """
    LEFT JOIN lieux ls ON ls.bloc = 'secondaire' AND ls.code_postal = c.code_postal_secondaire
        AND ls.ville = c.ville_secondaire AND ls.lu = coalesce(c.code_insee_secondaire, '')
    LEFT JOIN lieux lp ON lp.bloc = 'principal' AND lp.code_postal = c.code_postal
        AND lp.ville = c.ville AND lp.lu = coalesce(c.code_insee, '')
"""
CODE_INSEE = "coalesce(lp.code_insee, c.code_insee)"
REFUS = f"""
    WHEN num_nonnulls({", ".join(f"c.{un}_secondaire" for un in TRIPLET)}) NOT IN (0, {len(TRIPLET)})
    THEN 'Adresse, code postal et ville secondaires se remplissent ensemble, ou pas du tout.'
    WHEN ls.motif IS NOT NULL THEN ls.motif
"""
VALEURS_SECONDAIRES = {un: "ls.code_insee" if un == "code_insee_secondaire" else f"c.{un}" for un in SECONDAIRES}


def colonnes(code_postal: Lecteur = CODE_POSTAL) -> tuple[Colonne, ...]:
    """Columns of both blocks; none is compulsory. `code_postal` reads that of the principal one."""
    lecteurs = _LECTEURS | {"code_postal": code_postal}
    principales = [Colonne(champ, lecteurs[champ], exigee=False, remplie=False) for champ in CHAMPS_COORDONNEES]
    secondaires = [
        Colonne(f"{champ}_secondaire", _LECTEURS[champ], exigee=False, remplie=False) for champ in CHAMPS_COORDONNEES
    ]
    return (*principales, *secondaires)


def localiser(session: Session, *, principaux: str) -> None:
    """Fill the temporary table `lieux`: code found for each place of `copie`, or why none.

    `principaux` is the SQL condition of the lines `c` whose principal block counts, the registry giving no other.
    """
    a_trouver = session.execute(text(_LIEUX.format(principaux=principaux))).all()
    trouves = [tuple(lieu) + _trouver(session, *lieu) for lieu in a_trouver]
    copier(session, ("bloc", "code_postal", "ville", "lu", "code_insee", "motif"), trouves, nom="lieux")
    session.execute(text("ANALYZE lieux"))


def _trouver(session: Session, bloc: str, code_postal: str, ville: str, lu: str) -> tuple[str | None, str | None]:
    saisi = BlocSecondaire(code_postal=code_postal, ville=ville, code_insee=lu or None)
    lieu = coordonnees.localiser(session, saisi)
    if lieu.code_insee or bloc == "principal":
        return lieu.code_insee, None
    combien = "Plusieurs communes correspondent" if lieu.choix else "Aucune commune ne correspond"
    return None, f"{combien} à « {code_postal} {ville} » : corrigez, ou indiquez code_insee_secondaire."
