"""Exports: rows → CSV or XLSX, as a stream of bytes with flat memory (S30, QUALITY A-30, A-31, B-06).

Every cell is text: identifiers keep their zeros. Whatever a spreadsheet could take for a formula is neutralised by an
apostrophe, since registry texts do begin with « - » or « + ».
"""

import enum
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Date, DateTime, Enum, Select, Text, case, cast, func, literal
from sqlalchemy.orm import Session

BOM = "\ufeff"
LOT = 500  # rows of a block
RANGEE, CELLULE = b"\x1e", b"\x1f"  # separators of a block: control characters, which no cell keeps
_DEBUT, _SUITE = "\x1e\x1f", "\x1f"
CELLULE_MAX = 32_767
_CODE_ARS = re.compile(r"[0-9A-Z]{2}")
_FORMULE = ("=", "+", "-", "@", "\t", "\r", "\n")
_XML_INTERDIT = {code: None for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000))}

# The same in UTF-8, our separators apart; surrogates have no UTF-8.
_CONTROLES, _NON = bytes((*range(9), 11, 12, *range(14, 30))), ("\ufffe".encode(), "\uffff".encode())
_FORMULES = [debut.encode() for debut in _FORMULE]
_ECHAPPE = re.compile(rb"\\(.)", re.DOTALL)
_ECHAPPEMENTS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"", b"f": b"", b"v": b"", CELLULE: b""}
_ENTITES = ((b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;"))
_A_CITER = (b";", b'"', b"\r", b"\n")
_BLANCS = (b"\t", b"\r", b"\n", b" " + CELLULE, b" " + RANGEE, CELLULE + b" ")

CSV = "csv"
XLSX = "xlsx"
TYPES_MIME = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def nom_de_fichier(liste: str, ars_code: str, format_: str) -> str:
    """« etablissements_ARS-53_2026-11-22.csv »: no user text in it."""
    perimetre = f"ARS-{ars_code}" if _CODE_ARS.fullmatch(ars_code) else "France"
    return f"{liste}_{perimetre}_{datetime.now(UTC):%Y-%m-%d}.{format_}"


def texte(valeur: Any) -> str:
    """A value as a French reader writes it: 22/11/2026, Oui, empty for nothing; never a formula."""
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "Oui" if valeur else "Non"
    if isinstance(valeur, datetime | date):
        return valeur.strftime("%d/%m/%Y")
    brut = str(valeur).translate(_XML_INTERDIT)
    return f"'{brut}" if brut.startswith(_FORMULE) else brut


def en_texte(colonne: ColumnElement[Any]) -> ColumnElement[str]:
    """The same text as `texte`, but for formulas, made by the database: a row of texts costs an export the least."""
    if isinstance(colonne.type, Enum):
        libelles = {un.name: un.value for un in colonne.type.enum_class or ()}
        ecrit: ColumnElement[Any] = case(libelles, value=cast(colonne, Text))
    elif isinstance(colonne.type, Boolean):
        ecrit = case((colonne.is_(True), "Oui"), (colonne.is_(False), "Non"))
    elif isinstance(colonne.type, Date | DateTime):
        ecrit = func.to_char(colonne, "DD/MM/YYYY")
    else:
        ecrit = cast(colonne, Text)
    return func.coalesce(ecrit, literal(""), type_=Text)


def exporter(format_: str, entetes: Sequence[str], lignes: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The file, piece by piece; `format_` is CSV or XLSX."""
    suite = iter(lignes)
    lots = iter(lambda: list(islice(suite, LOT)), [])
    return _EN[format_](entetes, (_bloc(lot) for lot in lots))


def exporter_requete(session: Session, format_: str, entetes: Sequence[str], requete: Select[Any]) -> Iterator[bytes]:
    """The file of a query whose columns are all `en_texte`, by COPY: its rows come as blocks, almost ready."""
    return _EN[format_](entetes, _copier(session, requete))


def en_csv(entetes: Sequence[str], blocs: Iterable[bytes]) -> Iterator[bytes]:
    """CSV that French Excel opens by a double-click: UTF-8 with BOM, `;`, CRLF."""
    yield BOM.encode() + _csv(_bloc([entetes]))
    yield from map(_csv, blocs)


def en_xlsx(entetes: Sequence[str], blocs: Iterable[bytes]) -> Iterator[bytes]:
    """XLSX with one sheet of inline strings, zipped as it is written."""
    sortie = _Sortie()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for nom, contenu in _ENVELOPPE.items():
            archive.writestr(nom, contenu)
        with archive.open("xl/worksheets/sheet1.xml", "w") as feuille:
            feuille.write(_FEUILLE_DEBUT.encode() + _xml(_bloc([entetes])))
            yield sortie.prendre()
            for bloc in blocs:
                feuille.write(_xml(bloc))
                yield sortie.prendre()
            feuille.write(_FEUILLE_FIN.encode())
    yield sortie.prendre()


_EN = {CSV: en_csv, XLSX: en_xlsx}


# --- Blocks: many rows as one text, where a replacement costs almost nothing per cell ---


def _copier(session: Session, requete: Select[Any]) -> Iterator[bytes]:
    """Rows of a query, as blocks; psycopg puts its parameters in, since COPY takes none."""
    connexion = session.connection()
    compilee = requete.compile(connexion, compile_kwargs={"render_postcompile": True})
    # Enumerations are stored by name (`enum_column`).
    valeurs = {nom: un.name if isinstance(un, enum.Enum) else un for nom, un in compilee.params.items()}
    curseur: Any = connexion.connection.cursor()
    with curseur, curseur.copy(f"COPY ({compilee}) TO STDOUT (DELIMITER E'\\x1f', NULL '')", valeurs) as flux:
        suite = iter(flux)
        while lignes := list(islice(suite, LOT)):
            yield _bloc_de_copie(b"".join(lignes), len(lignes))


def _bloc_de_copie(copie: bytes, rangees: int) -> bytes:
    """A block from lines of COPY; those that have an escape or a character to drop go cell by cell."""
    bloc = (RANGEE + CELLULE + copie[:-1]).replace(b"\n", RANGEE + CELLULE)
    if b"\\" in copie or not _propre(bloc, rangees, bloc.count(CELLULE)):
        lignes = (_ECHAPPE.sub(_lever, ligne).split(CELLULE) for ligne in copie[:-1].split(b"\n"))
        return _bloc([[texte(cellule.decode()) for cellule in ligne] for ligne in lignes])
    return _neutraliser(bloc)


def _lever(echappe: re.Match[bytes]) -> bytes:
    """What an escape of COPY stands for; a separator of ours is dropped, as `texte` would."""
    return _ECHAPPEMENTS.get(echappe[1], echappe[1])


def _bloc(lot: Sequence[Sequence[Any]]) -> bytes:
    """Rows as one text, RANGEE before each row, CELLULE before each cell; no cell holds either or begins a formula."""
    try:
        bloc = "".join([_DEBUT + _SUITE.join(ligne) for ligne in lot]).encode()
    except (TypeError, UnicodeEncodeError):  # not what a database writes
        return _bloc(_nettoyer(lot))
    if not _propre(bloc, len(lot), sum(map(len, lot))):
        return _bloc(_nettoyer(lot))
    return _neutraliser(bloc)


def _neutraliser(bloc: bytes) -> bytes:
    for formule in _FORMULES:
        if formule in bloc:  # far quicker to look for than a pair
            bloc = bloc.replace(CELLULE + formule, CELLULE + b"'" + formule)
    return bloc


def _propre(bloc: bytes, rangees: int, cellules: int) -> bool:
    """Whether nothing but our separators is a character that XML forbids."""
    separateurs = bloc.count(RANGEE) == rangees and bloc.count(CELLULE) == cellules
    return separateurs and len(bloc.translate(None, _CONTROLES)) == len(bloc) and not _a(_NON, bloc)


def _a(cherches: Iterable[bytes], contenu: bytes) -> bool:
    return any(un in contenu for un in cherches)


def _nettoyer(lot: Sequence[Sequence[Any]]) -> list[list[str]]:
    return [[texte(valeur) for valeur in ligne] for ligne in lot]


def _csv(bloc: bytes) -> bytes:
    """Rows of a block, quoted where they must be."""
    rangees = bloc[2:].split(RANGEE + CELLULE)
    if _a(_A_CITER, bloc):
        rangees = [_citer(une) if _a(_A_CITER, une) else une for une in rangees]
    return b"\r\n".join((*rangees, b"")).replace(CELLULE, b";")


def _citer(rangee: bytes) -> bytes:
    cellules = rangee.split(CELLULE)
    return CELLULE.join(b'"%b"' % une.replace(b'"', b'""') if _a(_A_CITER, une) else une for une in cellules)


def _couper(cellule: bytes) -> bytes:
    return cellule.decode()[:CELLULE_MAX].encode() if len(cellule) > CELLULE_MAX else cellule


def _xml(bloc: bytes) -> bytes:
    """Rows of a block; a cell holds 32 767 characters at most, and keeps the blanks at its ends."""
    if any(len(rangee) > CELLULE_MAX for rangee in bloc.split(RANGEE)):
        bloc = RANGEE.join(CELLULE.join(map(_couper, rangee.split(CELLULE))) for rangee in bloc.split(RANGEE))
    balise = b'<t xml:space="preserve">' if bloc.endswith(b" ") or _a(_BLANCS, bloc) else b"<t>"
    debut, fin = b'<c t="inlineStr"><is>' + balise, b"</t></is></c>"
    for caractere, entite in _ENTITES:
        bloc = bloc.replace(caractere, entite)
    rangees = bloc[2:].replace(RANGEE + CELLULE, fin + b"</row><row>" + debut).replace(CELLULE, fin + debut)
    return (b"<row>" + debut + rangees + fin + b"</row>").replace(debut + fin, b"<c/>")


class _Sortie(io.RawIOBase):
    """A write-only file that `zipfile` fills and the response empties: nothing is kept."""

    def __init__(self) -> None:
        self._morceaux: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, contenu: Any) -> int:
        self._morceaux.append(bytes(contenu))
        return len(contenu)

    def prendre(self) -> bytes:
        contenu = b"".join(self._morceaux)
        self._morceaux.clear()
        return contenu


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_ESPACE = "http://schemas.openxmlformats.org"
_FEUILLE_DEBUT = f'{_XML}<worksheet xmlns="{_ESPACE}/spreadsheetml/2006/main"><sheetData>'
_FEUILLE_FIN = "</sheetData></worksheet>"
_ENVELOPPE = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_ESPACE}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_XML}<Relationships xmlns="{_ESPACE}/package/2006/relationships"><Relationship Id="rId1"'
    f' Type="{_ESPACE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_XML}<workbook xmlns="{_ESPACE}/spreadsheetml/2006/main"'
    f' xmlns:r="{_ESPACE}/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Liste" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_ESPACE}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_ESPACE}/officeDocument/2006/relationships/worksheet"'
    ' Target="worksheets/sheet1.xml"/></Relationships>',
}
