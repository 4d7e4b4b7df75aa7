"""What does a piece of Python import? Names that stand in its text, so that nothing is run to know them."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator

_PLAIN = re.compile(r"^(?:from\s+([\w.]+)\s+import\b|import\s+([\w.]+))", re.MULTILINE)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def imports(text: str | bytes, module: str, package: bool = False, lazily: bool = True) -> Iterator[str]:
    """Modules, and names in them, that a module imports; but for those that only types name.

    ``package``: it is the ``__init__`` of one. ``lazily``: in functions, too. Of text in a grammar newer than this Python's
    the lines at the margin are read.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError:
        plain = text if isinstance(text, str) else text.decode()
        yield from (one[0] or one[1] for one in _PLAIN.findall(plain))
        return
    here = module.split(".") if package else module.split(".")[:-1]
    for node in _nodes(tree, lazily):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = here[: len(here) + 1 - node.level] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def _nodes(node: ast.AST, lazily: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        if lazily or not isinstance(child, _FUNCTIONS):
            yield child
            yield from _nodes(child, lazily)


def closure(seeds: Iterable[str], imported: Callable[[str], Iterable[str]], known: Callable[[str], bool]) -> set[str]:
    """These modules and all that they need, their packages among it; of names that aren't ``known`` nothing is asked."""
    found: set[str] = set()
    waiting = [*seeds]
    while waiting:
        name = waiting.pop()
        if name not in found and known(name):
            found.add(name)
            waiting += [name.rpartition(".")[0], *imported(name)]
    return found
