"""Compile the interface's words: ``.po`` → ``.mo``. Installing trainkit does it; after changing words: run this file."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogs(locale: Path) -> list[Path]:
    """Compile each catalog under ``locale`` whose ``.mo`` is missing or older than its ``.po``; returns what was written."""
    written = []
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as stream:
            catalog = read_po(stream, locale=source.parts[-3])
        part = target.with_suffix(f".{os.getpid()}.part")  # several may find it out of date at once
        with part.open("wb") as stream:
            write_mo(stream, catalog)
        part.replace(target)
        written.append(target)
    return written


if __name__ == "__main__":
    for file in compile_catalogs(Path(__file__).parent):
        print(file.name, "for", file.parts[-3])
