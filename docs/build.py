"""Make the documentation: a page for each of the three readers, in both languages, from notebooks and docstrings.

    python docs/build.py OUT        (pip install 'trainkit[docs]')

Sources are put together in a temporary folder, so nothing that is made lies in the checkout; OUT is a folder of static files
that asks nothing of another origin: open ``OUT/index.html``, or serve it with ``python -m http.server -d OUT``.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent
LANGUAGES = ("ru", "en")
READERS = {
    "trainee": ("Play and learn",),
    "trainer": ("Hold a workshop", "Play anywhere", "Write cases"),
    "researcher": ("Research",),
}
WORDS = {
    "ru": {"commands": "Команды", "names": "Имена trainkit", "given": "Что они дают", "analysis": "Анализ",
           "columns": "Столбцы"},
    "en": {"commands": "Commands", "names": "Names of trainkit", "given": "What they give", "analysis": "Analysis",
           "columns": "Columns"},
}  # fmt: skip
GIVEN = ("engine.attempt.Attempt", "scoring.attempt.Score", "simulation.runner.Simulation", "exchange.read.Responses")


def build(out: Path) -> None:
    """Build both languages; any warning of Sphinx is an error."""
    for lang in LANGUAGES:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "source"
            gather(lang, source)
            environment = os.environ | {"TRAINKIT_DOCS_LANG": lang, "TRAINKIT_DOCS_ROOT": str(ROOT)}
            options = ["-W", "--keep-going", "-q", "-d", Path(folder) / "doctrees", "-c", DOCS]
            subprocess.run([sys.executable, "-m", "sphinx", *options, source, out / lang], check=True, env=environment)
            for left in ("_sources", ".buildinfo"):  # what the next build would compare with
                shutil.rmtree(out / lang / left) if (out / lang / left).is_dir() else (out / lang / left).unlink(True)
    shutil.rmtree(out / "jupyter_execute", ignore_errors=True)
    shutil.copy(DOCS / "index.html", out / "index.html")


def gather(lang: str, source: Path) -> None:
    """Put the sources of a language together: pages, notebooks, the manual for authors, and what is made from the code."""
    shutil.copytree(DOCS / lang, source)
    shutil.copytree(ROOT / "notebooks" / lang, source / "notebooks", ignore=shutil.ignore_patterns("my_*", ".*"))
    manual = ROOT / "casebook" / ("README.md" if lang == "en" else f"README.{lang}.md")
    (source / "manual.md").write_text(without_links_away(manual.read_text("utf-8")), "utf-8")
    for notebook in (source / "notebooks").glob("*.ipynb"):
        notebook.write_text(without_links_away(notebook.read_text("utf-8")), "utf-8")
    reference = source / "reference"
    reference.mkdir()
    for reader in READERS:
        (reference / f"{reader}.md").write_text("\n".join(commands(reader, lang)), "utf-8")
    (reference / "python.md").write_text("\n".join(names(lang)), "utf-8")
    (reference / "analysis.md").write_text("\n".join(analysis(lang)), "utf-8")
    with (ROOT / "src/trainkit/exchange/codebook.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            {k: v for k, v in row.items() if not k.startswith("label_") or k == f"label_{lang}"}
            for row in csv.DictReader(file)
        ]
    with (reference / "codebook.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)
    table = ["```{csv-table}", ":file: codebook.csv", ":header-rows: 1", ":widths: auto", "```", ""]
    (reference / "columns.md").write_text("\n".join([f"# {WORDS[lang]['columns']}", "", *table]), "utf-8")


def without_links_away(text: str) -> str:
    """A page whose links to files of the checkout are words: what they name isn't part of the documentation."""
    return re.sub(r"\[([^\]\[]+)\]\((?!https?:|#)(?![\w.]+\.ipynb\))[^)\s]+\)", r"\1", text)


def commands(reader: str, lang: str) -> Iterator[str]:
    """The commands of a reader as they say it themselves: usage, what it does, options, examples."""
    import click

    from trainkit.cli.main import SECTIONS, trainkit

    yield f"# {WORDS[lang]['commands']}\n"
    for section in READERS[reader]:
        for name in SECTIONS[section]:
            command = trainkit.get_command(None, name)
            context = click.Context(command, info_name=f"trainkit {name}", max_content_width=84, terminal_width=84)
            yield f"## trainkit {name}\n\n```text\n{command.get_help(context)}\n```\n"


def names(lang: str) -> Iterator[str]:
    """The public names, and the classes that they give."""
    import trainkit

    yield f"# {WORDS[lang]['names']}\n"
    for name in trainkit.__all__:
        yield from _documented(f"trainkit.{name}", isinstance(getattr(trainkit, name), type))
    yield f"\n## {WORDS[lang]['given']}\n"
    for place in GIVEN:
        yield from _documented(f"trainkit.{place}", True)


def _documented(place: str, is_class: bool) -> Iterator[str]:
    yield f"```{{eval-rst}}\n.. auto{'class' if is_class else 'function'}:: {place}"
    yield "   :members:\n   :inherited-members: Exception, BaseException\n```\n" if is_class else "```\n"


def analysis(lang: str) -> Iterator[str]:
    """The modules of ``trainkit.analysis``, each with its question."""
    yield f"# {WORDS[lang]['analysis']}\n"
    for file in sorted((ROOT / "src/trainkit/analysis").glob("[!_]*.py")):
        yield f"## {file.stem}\n\n```{{eval-rst}}\n.. automodule:: trainkit.analysis.{file.stem}\n   :members:\n```\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build(Path(sys.argv[1]))
