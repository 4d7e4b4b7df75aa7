"""What of a Chapbook passage is text? Not the variables above ``--``, nor what modifiers in ``[…]`` say of the rows below."""

import re

from trainkit.files.twee.taken_words import Left

CONDITION, END = "\ue002", "\ue003"  # around a condition that holds from here on; with nothing between them none does


def chapbook_text(text: str, left: Left) -> str:
    """The text without the variables above `--` and without modifiers; conditions are kept in mind for the links."""
    head, line, rest = text.partition("\n--\n")
    if not line and text.startswith("--\n"):
        head, line, rest = "", "--", text[3:]
    if line and all(re.match(r"\s*$|[^\s:][^:]*:", row) for row in head.split("\n")):
        for row in head.split("\n"):
            if row.strip():
                left.note("variables", row.partition(":")[0])
        text = rest
    rows: list[str] = []
    dropping, name, comments = False, "", list[list[str]]()
    for row in text.split("\n"):
        modifier = re.fullmatch(r"\[(?!\[)([^\[\]]+)\]\s*", row)
        if modifier is None:
            if dropping and name in ("note", "todo", "fixme"):
                comments[-1].append(row.strip())
            rows += [] if dropping else [row]
            continue
        name = modifier[1].split()[0].lower().rstrip(",;")
        dropping = name in ("javascript", "css", "note", "todo", "fixme")
        if name in ("if", "unless", "else", "ifalways", "ifnever"):
            left.note("conditions", modifier[1])
            rows.append(f"{CONDITION}{modifier[1]}{END}")
        elif name.startswith("cont"):
            rows.append(CONDITION + END)
        elif dropping and name in ("javascript", "css"):
            left.note("scripts", modifier[1])
        elif dropping:
            comments.append([])
        else:
            left.note("macros", modifier[1])
    left.comments += (" ".join(filter(None, said)) for said in comments)
    return "\n".join(rows)
