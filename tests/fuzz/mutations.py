"""How is a real file broken? Bytes, lines, numbers, nesting, encodings, and the data it says, at random by a seed."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from copy import deepcopy
from typing import Any

import yaml

# values that are nobody's: of another kind, out of every range, or too much of it
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**400, -(10**30), 2**63, 0.1 + 1e-17, float("nan"), float("inf"), -float("inf"), 1e308,
    "", " ", "\u202e", "NaN", "1,5", "=1+1", "a\0b", "\ud7ff\uffff", "x" * 70_000, "-", "null", "2026-02-30", "1e999", "0x10",
    "...", [], {}, [[]], {"a": {"a": []}}, ["a"] * 3000, {f"k{n}": n for n in range(400)}, {"": ""}, {1: 2}, [None],
    "🧵" * 300,
    "И\u0306", "a: b", "- x", "{{ 7*7 }}", "<script>alert(1)</script>", "../../etc/passwd", "%s%n%x", "\r", "\n\n", "\u2028",
)  # fmt: skip
DEEP = 20_000
YAML_BOMB = "a: &a [x, x]\n" + "".join(
    f"b{n}: &b{n} [*{'a' if not n else f'b{n - 1}'}, *{'a' if not n else f'b{n - 1}'}]\n" for n in range(30)
)
INSERTED = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3\x28", b"\xed\xa0\x80", b"[" * DEEP, b"{" * DEEP, b"- " * DEEP, b"(" * DEEP,
    b"a:\n " * 3000, b"!!python/object/apply:os.system ['true']\n", b"&a ", b"*a ", b"<<: *a\n", b"? ", b"---\n", b"...\n",
    b"%YAML 9.9\n", b"\t", b"::", b"[[", b"]]", b"->", b"|", b"<%", b"<<if>>",
    b'{"position":', b"\"", b"'", b"9" * 6000, b"-",
    b"1e999", b",", b";" * 300, b"\r", b"\x85", YAML_BOMB.encode(),
)  # fmt: skip


def broken(raw: bytes, others: list[bytes], dice: random.Random) -> bytes:
    """The bytes with one to four things done to them."""
    for _ in range(dice.choice((1, 1, 1, 2, 3, 4))):
        raw = dice.choice(_BYTES)(raw, others, dice)
    return raw[:3_000_000]


def _flip(raw: bytes, _others: list[bytes], dice: random.Random) -> bytes:
    content = bytearray(raw)
    for _ in range(dice.choice((1, 1, 3, 20))):
        if content:
            content[dice.randrange(len(content))] = dice.randrange(256)
    return bytes(content)


def _cut(raw: bytes, _others: list[bytes], dice: random.Random) -> bytes:
    a, b = sorted((dice.randint(0, len(raw)), dice.randint(0, len(raw))))
    return dice.choice((raw[:a], raw[b:], raw[:a] + raw[b:]))


def _insert(raw: bytes, _others: list[bytes], dice: random.Random) -> bytes:
    at = dice.choice((0, len(raw), dice.randint(0, len(raw))))
    return raw[:at] + dice.choice(INSERTED) + raw[at:]


def _splice(raw: bytes, others: list[bytes], dice: random.Random) -> bytes:
    other = dice.choice(others or [raw])
    a, b = sorted((dice.randint(0, len(other)), dice.randint(0, len(other))))
    at = dice.randint(0, len(raw))
    return raw[:at] + other[a : min(b, a + 5000)] + raw[at:]


def _lines(raw: bytes, _others: list[bytes], dice: random.Random) -> bytes:
    lines = raw.split(b"\n")
    at = dice.randrange(len(lines))
    how = dice.randrange(4)
    if how == 0:
        lines.insert(at, lines[dice.randrange(len(lines))])
    elif how == 1:
        del lines[at]
    elif how == 2:
        lines[at] = b"  " * dice.randint(0, 4) + lines[at].lstrip()
    else:
        other = dice.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    return b"\n".join(lines)


def _number(raw: bytes, _others: list[bytes], dice: random.Random) -> bytes:
    found = [*re.finditer(rb"-?\d+(\.\d+)?", raw)]
    if not found:
        return raw
    one = dice.choice(found)
    other = dice.choice(
        (b"-1", b"0", b"1e999", b".nan", b"-.inf", b"9" * 400, b"1_000", b"0b1", b"1,5", b"", b"true", b"~", b"1e-400")
    )
    return raw[: one.start()] + other + raw[one.end() :]


def _encoding(raw: bytes, _others: list[bytes], dice: random.Random) -> bytes:
    text = raw.decode("utf-8", "replace")
    name = dice.choice(("utf-16", "utf-16-le", "cp1251", "latin-1", "koi8-r", "utf-8-sig", "utf-32", "cp866", "utf-7"))
    return text.encode(name, "replace")


def _newlines(raw: bytes, _others: list[bytes], dice: random.Random) -> bytes:
    return raw.replace(b"\n", dice.choice((b"\r\n", b"\r", b"\n\n", b"\x0b", b"\xe2\x80\xa8", b"")))


def _tokens(raw: bytes, _others: list[bytes], dice: random.Random) -> bytes:
    """One name said otherwise everywhere, or once."""
    words = re.findall(rb"[\w]{3,}", raw)
    if not words:
        return raw
    return raw.replace(
        dice.choice(words),
        dice.choice((dice.choice(words), b"", b"narrator", b"\xd1\x8f", b"__class__")),
        dice.choice((1, -1)),
    )


_BYTES = (_flip, _flip, _cut, _insert, _splice, _lines, _lines, _number, _number, _encoding, _newlines, _tokens)


# ---- what a file says -----------------------------------------------------------------------------------------------


def other_yaml(raw: bytes, dice: random.Random) -> bytes:
    """The same document with one to three places of its data changed; the bytes broken where it is no document."""
    try:
        data = yaml.safe_load(raw)
        data = _other_data(data, dice, dice.choice((1, 1, 2, 3)))
        return yaml.safe_dump(data, allow_unicode=dice.random() < 0.7, sort_keys=False, width=10**6).encode(
            "utf-8", "replace"
        )
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError):
        return broken(raw, [], dice)


def other_json(raw: bytes, dice: random.Random) -> bytes:
    """The same for JSON."""
    try:
        return json.dumps(
            _other_data(json.loads(raw), dice, dice.choice((1, 2))), ensure_ascii=dice.random() < 0.5
        ).encode("utf-8", "replace")
    except (ValueError, RecursionError, TypeError):
        return broken(raw, [], dice)


def _other_data(data: Any, dice: random.Random, times: int) -> Any:
    for _ in range(times):
        places = [*_places(data)]
        if not places:
            return deepcopy(dice.choice(ODD))
        holder, key = dice.choice(places)
        how = dice.randrange(6)
        if how == 0 and isinstance(holder, dict):
            holder[dice.choice(("", "extra", "goto", "set", "text", 5, None, "when", "__proto__"))] = holder.pop(key)
        elif how == 1:
            del holder[key]
        elif how == 2:
            other, name = dice.choice(places)
            holder[key] = deepcopy(other[name]) if _has(other, name) else None
        else:
            holder[key] = deepcopy(dice.choice(ODD))
    return data


def _has(holder: Any, key: Any) -> bool:
    try:
        holder[key]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _places(data: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [data]
    while waiting:
        one = waiting.pop()
        items = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
        for key, value in items:
            found.append((one, key))
            waiting.append(value)
    return found


def other_csv(raw: bytes, dice: random.Random) -> bytes:
    """The same table with cells, rows or headings changed."""
    try:
        rows = [*csv.reader(io.StringIO(raw.decode("utf-8-sig")))]
    except (csv.Error, UnicodeDecodeError):
        return broken(raw, [], dice)
    for _ in range(dice.choice((1, 1, 2, 5))):
        row = dice.choice(rows)
        how = dice.randrange(7)
        if how == 0:
            rows.append([*row])
        elif how == 1:
            row.append("x")
        elif how == 2 and row:
            row.pop()
        elif how == 3 and rows[0]:
            rows[0][dice.randrange(len(rows[0]))] = dice.choice(
                ("", "fit", "person", "person ", "пользователь", "a" * 500)
            )
        elif row:
            row[dice.randrange(len(row))] = str(dice.choice(ODD))
    out = io.StringIO()
    csv.writer(out, delimiter=dice.choice(",,,;\t")).writerows(rows)
    return out.getvalue().encode("utf-8", "replace")
