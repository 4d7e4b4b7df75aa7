"""What of Python's standard library does a site need? What the kit imports, and what Python and Pyodide begin with."""

from collections.abc import Iterable, Mapping

from trainkit.site.imports import closure, imports

# what is asked for in functions, or before any module: the interpreter's own beginning, texts, a zip that is unpacked
BEGIN = (
    *("site", "os", "codecs", "io", "zipimport", "traceback", "warnings", "zipfile", "tempfile", "_strptime"),
    *(f"encodings.{name}" for name in ("utf_8", "latin_1", "ascii", "idna", "cp437", "unicode_escape", "aliases")),
)
NEVER = ("bz2", "lzma", "compression", "ssl")  # shutil, zipfile and asyncio ask for them, and do without
WHOLE = ("_pyodide", "pyodide", "importlib")  # packages that import their own parts in functions


def needed(library: Mapping[str, bytes], kit: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a standard library (path → content) that a kit needs; a third of them."""
    modules = {_module(path): path for path in library if path.endswith(".py")}
    asked = {
        name
        for path, text in kit.items()
        if path.endswith(".py")
        for name in imports(text, _module(path), path.endswith("__init__.py"))
    }
    own = [name for name in modules if name.partition(".")[0] in WHOLE]

    def imported(name: str) -> Iterable[str]:
        path = modules[name]
        return imports(library[path], name, path.endswith("__init__.py"), lazily=False)

    def known(name: str) -> bool:
        return name in modules and name.partition(".")[0] not in NEVER

    found = closure([*BEGIN, *own, *asked], imported, known)
    return {path: library[path] for path in sorted(modules[name] for name in found)} | {
        path: text for path, text in library.items() if path.startswith("_sysconfigdata")
    }


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
