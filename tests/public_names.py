"""What may somebody else's code and habit rely on? Public names with their signatures, commands with their options, as text.

    python tests/public_names.py

writes ``tests/public_names.txt`` anew. A test compares it, so that nothing public changes by accident, and a reviewer sees in
one file what a change means for others. Signatures are as they are written in the source.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

FILE = Path(__file__).with_suffix(".txt")
HEAD = "What others rely on. Changed on purpose: python tests/public_names.py, and a line in CHANGELOG.md.\n"


def _node(thing: object) -> ast.AST:
    return ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]


def _signature(function: ast.FunctionDef) -> str:
    """Parameters as a caller sees them, without ``self``, and what is given back."""
    said = ast.unparse(function.args)
    for own in ("self", "cls"):
        said = said.removeprefix(own).removeprefix(", ") if said == own or said.startswith(f"{own},") else said
    return f"({said})" + (f" -> {ast.unparse(function.returns)}" if function.returns else "")


def _members(kind: type) -> Iterator[str]:
    """How it is made, and what stands on it without an underscore: fields, properties, methods; also what it inherits."""
    seen = set()
    for part in (part for one in kind.__mro__ if one.__module__.startswith("trainkit") for part in _node(one).body):
        name = getattr(part, "name", None) or ast.unparse(getattr(part, "target", ast.Name("_")))
        if name in seen or (name.startswith("_") and name != "__init__"):
            continue
        seen.add(name)
        if isinstance(part, ast.AnnAssign):
            yield f".{ast.unparse(part)}"
        elif isinstance(part, ast.FunctionDef):
            if {ast.unparse(one) for one in part.decorator_list} & {"property", "cached_property"}:
                yield f".{name}: {ast.unparse(part.returns) if part.returns else '?'}"
            else:
                yield (f".{name}" if name != "__init__" else "made by ") + _signature(part)


def names() -> Iterator[str]:
    """Each public name of ``trainkit`` with its signature; of a class also what can be called on it."""
    import trainkit

    for name in sorted(trainkit.__all__):
        thing = getattr(trainkit, name)
        node = _node(thing)
        if isinstance(node, ast.ClassDef):
            bases = ", ".join(map(ast.unparse, node.bases))
            yield f"trainkit.{name}" + (f" (a {bases})" if bases else "")
            yield from (f"    {line}" for line in _members(thing))
        else:
            yield f"trainkit.{name}{_signature(node)}"


def commands() -> Iterator[str]:
    """Each command with its arguments and options, their values and defaults."""
    from trainkit.cli.main import COMMANDS, trainkit

    for name in COMMANDS:
        command = trainkit.get_command(None, name)
        context = click.Context(command, info_name=name)
        arguments = [param.make_metavar(context) for param in command.params if isinstance(param, click.Argument)]
        yield " ".join(["trainkit", name, *arguments])
        for option in command.params:
            if isinstance(option, click.Option):
                yield "    " + _option(option, context)


def _option(option: click.Option, context: click.Context) -> str:
    said = ", ".join(option.opts) + "".join(f" / {other}" for other in option.secondary_opts)
    said += "" if option.is_flag else f" {option.make_metavar(context)}"
    said += "…" if option.multiple else ""
    plain = isinstance(option.default, str | int | float) and option.default not in ("", False)
    return said + (f" = {option.default}" if plain else "") + (" (required)" if option.required else "")


def written() -> str:
    """The whole text."""
    return "\n".join([HEAD, *names(), "", *commands(), ""])


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
    FILE.write_text(written(), "utf-8")
    print(FILE)
