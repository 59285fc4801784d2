"""A selection of terrains in an address: numbers and ranges (« 12,15-18 »), or « tous »."""

from collections.abc import Iterable

TOUS = "tous"
LONGUEUR_MAX = 2500  # of the text: an address stays shorter than what servers accept
NOMBRE_MAX = 10_000


def en_texte(ids: Iterable[int]) -> str:
    """The shortest text that gives these ids back."""
    plages: list[list[int]] = []
    for un in sorted(set(ids)):
        if plages and un == plages[-1][1] + 1:
            plages[-1][1] = un
        else:
            plages.append([un, un])
    return ",".join(str(debut) if debut == fin else f"{debut}-{fin}" for debut, fin in plages)


def en_ids(texte: str) -> tuple[int, ...]:
    """The ids that a text gives, in ascending order; what is no number is ignored."""
    trouves: set[int] = set()
    for morceau in texte[:LONGUEUR_MAX].split(","):
        debut, tiret, fin = morceau.partition("-")
        if not _est_un_id(debut) or (tiret and not _est_un_id(fin)):
            continue
        dernier = int(fin) if tiret else int(debut)
        trouves.update(range(int(debut), min(dernier, int(debut) + NOMBRE_MAX) + 1))
    return tuple(sorted(trouves)[:NOMBRE_MAX])


def _est_un_id(texte: str) -> bool:
    return texte.isascii() and texte.isdigit() and len(texte) < 10
