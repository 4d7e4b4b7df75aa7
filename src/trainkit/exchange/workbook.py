"""How do tables get into a spreadsheet? As one workbook; a table too long for a sheet goes on in another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainkit.errors import TrainkitError
from trainkit.exchange.columns import TABLES, Column, columns

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 1_048_576  # that a sheet may have, its heading included (Excel's and LibreOffice's limit)
_TIME = "yyyy-mm-dd hh:mm:ss"


class Workbook:
    """A workbook that is being written: texts stay texts, whatever they begin with, and times are times (UTC)."""

    def __init__(self, file: Path):
        try:
            import openpyxl
            from openpyxl.cell import WriteOnlyCell
            from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
        except ImportError:
            raise TrainkitError("a workbook needs openpyxl: pip install 'trainkit[xlsx]'") from None
        self._file, self._cell, self._unprintable = file, WriteOnlyCell, ILLEGAL_CHARACTERS_RE
        self._book = openpyxl.Workbook(write_only=True)
        self._sheets: dict[str, list[Any]] = {name: [] for name in TABLES}
        self._rows = dict.fromkeys(TABLES, ROWS)  # in the last sheet of each: the first row begins one
        self._codebook()

    def _codebook(self) -> None:
        sheet = self._book.create_sheet("codebook")
        sheet.append(Column._fields)
        for one in (column for name in TABLES for column in columns(name)):
            sheet.append([self._text(sheet, value) for value in one])

    def _text(self, sheet: Any, value: str) -> Any:
        cell = self._cell(sheet, self._unprintable.sub(" ", value))
        cell.data_type = "s"  # "=1+1" is what somebody said, not a sum
        return cell

    def write(self, name: str, table: pa.Table) -> None:
        """Add rows of a table."""
        kinds = [one.kind for one in columns(name)]
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            if self._rows[name] >= ROWS:
                self._next_sheet(name)
            sheet = self._sheets[name][-1]
            cells = []
            for kind, value in zip(kinds, row, strict=True):
                if value is not None and kind == "text":
                    value = self._text(sheet, value)
                elif value is not None and kind == "time":
                    value = self._cell(sheet, value.replace(tzinfo=None))
                    value.number_format = _TIME
                cells.append(value)
            sheet.append(cells)
            self._rows[name] += 1

    def _next_sheet(self, name: str) -> None:
        number = len(self._sheets[name]) + 1
        sheet = self._book.create_sheet(name if number == 1 else f"{name} ({number})")
        sheet.freeze_panes = "A2"
        sheet.append([one.name for one in columns(name)])
        self._sheets[name].append(sheet)
        self._rows[name] = 1

    def save(self) -> None:
        """Write the file, with a sheet for each table though it has no rows."""
        for name in TABLES:
            if not self._sheets[name]:
                self._next_sheet(name)
        self._book.save(self._file)
