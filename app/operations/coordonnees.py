"""Typed coordinates: triplet rule, and the INSEE code that follows from postal code and town (S36, S55, A20)."""

from dataclasses import dataclass, fields
from typing import ClassVar, Self

from sqlalchemy.orm import Session

from app.errors import Refus
from app.geographie import code_departement, communes_possibles, meme_territoire
from models.commune import Commune
from models.coordonnees import TRIPLET, Coordonnees

_LIBELLES = {"adresse": "l’adresse", "code_postal": "le code postal", "ville": "la ville"}


@dataclass(frozen=True)
class BlocSecondaire:
    """What a user typed in the secondary block; None where nothing was."""

    suffixe: ClassVar[str] = "_secondaire"  # of its columns, and of its fields on the screens

    adresse: str | None = None
    complement: str | None = None
    code_postal: str | None = None
    ville: str | None = None
    code_insee: str | None = None
    telephone: str | None = None
    telecopie: str | None = None
    courriel: str | None = None

    @classmethod
    def de(cls, objet: Coordonnees) -> Self:
        """The block as stored."""
        return cls(**{champ.name: getattr(objet, champ.name + cls.suffixe) for champ in fields(cls)})


@dataclass(frozen=True)
class BlocPrincipal(BlocSecondaire):
    """The principal block where no registry owns it: that of an « Autre organisme » (A21). Same rules."""

    suffixe: ClassVar[str] = ""


@dataclass(frozen=True)
class Localisation:
    """Where a typed address lies: its INSEE code, or the communes to choose from, or the reason why neither."""

    code_insee: str | None
    choix: tuple[Commune, ...] = ()
    refus: tuple[Refus, ...] = ()


def refus_triplet(bloc: BlocSecondaire) -> list[Refus]:
    """Adresse, code postal and ville are all filled or all empty (S36)."""
    vides = [champ for champ in TRIPLET if not getattr(bloc, champ)]
    if len(vides) in (0, len(TRIPLET)):
        return []
    return [
        Refus(
            "E-TRIPLET",
            f"Indiquez {_LIBELLES[champ]} : adresse, code postal et ville se remplissent ensemble, ou pas du tout.",
            champ + bloc.suffixe,
        )
        for champ in vides
    ]


def refus_bloc(session: Session, bloc: BlocSecondaire, connu: BlocSecondaire | None = None) -> list[Refus]:
    """Every reason to refuse a typed block: incomplete triplet, else commune unknown or ambiguous."""
    return refus_triplet(bloc) or list(localiser(session, bloc, connu).refus)


def localiser(session: Session, bloc: BlocSecondaire, connu: BlocSecondaire | None = None) -> Localisation:
    """INSEE code of a typed address.

    `connu` is the block before the change: an unchanged postal code and town keep their code, as do those that no
    table knows (CEDEX) when the user chose the commune himself.
    """
    if not bloc.ville or not bloc.code_postal:
        return Localisation(None)
    meme_lieu = connu is not None and (connu.code_postal, connu.ville) == (bloc.code_postal, bloc.ville)
    if meme_lieu and connu is not None and connu.code_insee and bloc.code_insee in (None, connu.code_insee):
        return Localisation(connu.code_insee)
    code_connu = connu.code_insee if connu else None
    possibles = communes_possibles(session, bloc.code_postal, bloc.ville)
    choisi = bloc.code_insee if bloc.code_insee != code_connu else None
    if choisi in {commune.code for commune in possibles} or (
        choisi and not possibles and session.get(Commune, choisi) is not None
    ):
        return Localisation(choisi)
    if len(possibles) == 1:
        return Localisation(possibles[0].code)
    if not possibles and code_connu and meme_territoire(bloc.code_postal, code_departement(code_connu)):
        return Localisation(code_connu)
    return _indecis(bloc, possibles)


def _indecis(bloc: BlocSecondaire, possibles: list[Commune]) -> Localisation:
    lieu = f"{bloc.code_postal} {bloc.ville}"
    if possibles:
        message = f"Plusieurs communes correspondent à « {lieu} » : choisissez la bonne dans la liste."
        return Localisation(None, tuple(possibles), (Refus("E-INSEE-AMBIGU", message, f"code_insee{bloc.suffixe}"),))
    message = f"Aucune commune ne correspond à « {lieu} » : corrigez, ou cherchez-la par « Code commune INSEE »."
    return Localisation(None, (), (Refus("E-INSEE-INCONNU", message, f"ville{bloc.suffixe}"),))


def appliquer(objet: Coordonnees, bloc: BlocSecondaire, code_insee: str | None) -> None:
    """Write a checked block, and the code found for it, on an EJ, an ET or a terrain."""
    for champ in fields(bloc):
        setattr(objet, champ.name + bloc.suffixe, getattr(bloc, champ.name))
    setattr(objet, f"code_insee{bloc.suffixe}", code_insee)
