"""What of a page can somebody not read, reach or understand, as far as a program can tell?

axe-core looks at what it knows (WCAG 2.2 A and AA, its best practice). Beside it stands what it doesn't look at: the tree
that a screen reader gets, and whether a page can be enlarged.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN = """
([place, tags]) => axe.run(place || document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] })
  .then((said) => ({
    looked: said.passes.map((one) => one.id),
    found: said.violations.flatMap((one) => one.nodes.map((node) => [one.id, node.html.slice(0, 160), node.failureSummary])),
  }))
"""

# The stop at which the keyboard is: what it is, whether one sees that it is there, whether it lies under something else.
STOP = """
() => {
  let at = document.activeElement;
  if (!at || at === document.body || at === document.documentElement) return null;
  const style = getComputedStyle(at), drawn = (one) => one.outlineStyle !== "none" && parseFloat(one.outlineWidth) >= 1;
  const beside = at.nextElementSibling && getComputedStyle(at.nextElementSibling); // a hidden box whose label has the ring
  const { left, top, right, bottom } = at.getBoundingClientRect();
  const [x0, y0, x1, y1] = [Math.max(left, 0), Math.max(top, 0), Math.min(right, innerWidth), Math.min(bottom, innerHeight)];
  const inside = (x, y) => ((hit) => hit && (at.contains(hit) || hit.contains(at)))(document.elementFromPoint(x, y));
  const points = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.8]].map(([h, v]) => [x0 + h * (x1 - x0), y0 + v * (y1 - y0)]);
  at.dataset.stopped = "";
  return {
    what: at.outerHTML.slice(0, 160),
    marked: drawn(style) || style.boxShadow !== "none" || Boolean(beside && drawn(beside)),
    seen: x1 > x0 && y1 > y0 && points.some(([x, y]) => inside(x, y)),
  };
}
"""
# What can be pressed or filled in, but has had no stop; of radio buttons of one name one is enough.
LEFT_OUT = """
() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((one) =>
  !one.disabled && one.type !== "hidden" && one.checkVisibility() && !one.closest("[inert]") && !("stopped" in one.dataset)
  && !(one.type === "radio" && document.querySelector(`[name="${one.name}"][data-stopped]`)))
  .map((one) => one.outerHTML.slice(0, 160))
"""
MOVING = """
() => [...document.querySelectorAll("*")].filter((one) => {
  const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(one);
  const slides = transitionDuration.split(", ").some((time) => parseFloat(time));
  return slides || animationName !== "none" || scrollBehavior === "smooth";
}).map((one) => one.outerHTML.slice(0, 160))
"""
# What is cut off, or makes a page wider than its window: of what is seen, and but for the lines inside a drawing.
BEYOND = """
(place) => {
  const FRAMES = ", .sideways, .scroll, .canvas"; // a table or a map that is wide by its nature
  const root = place ? document.querySelector(place) : document.body, wide = document.documentElement.clientWidth;
  const said = (part) => part.outerHTML.slice(0, 160), found = [];
  const page = document.scrollingElement;
  if (!place && page.scrollWidth > wide) found.push(["the page", page.scrollWidth]);
  for (const part of root.querySelectorAll(":not(.hide, .hide *, svg *)")) {
    if (!part.checkVisibility({ visibilityProperty: true }) || !part.clientWidth || !part.textContent.trim()) continue;
    const style = getComputedStyle(part), box = part.getBoundingClientRect();
    const frame = part.parentElement.closest("nothing" + FRAMES);
    if (!frame && (box.right > wide + 1 || box.left < -1)) found.push(["beyond the edge", said(part)]);
    const cut = (axis) => ["hidden", "clip"].includes(axis);
    if (cut(style.overflowX) && part.scrollWidth > part.clientWidth + 1) found.push(["cut off", said(part)]);
    if (cut(style.overflowY) && part.scrollHeight > part.clientHeight + 1) found.push(["cut off below", said(part)]);
    const scrolls = ["auto", "scroll"].includes(style.overflowX) && !part.matches("input, textarea, select" + FRAMES);
    if (scrolls && part.scrollWidth > part.clientWidth + 1) found.push(["scrolls sideways", said(part)]);
  }
  return found;
}
"""

# Words in the colour of the system's ground: where a browser puts its own colours, it puts that ground behind each word.
UNSEEN = """
() => {
  const sample = document.body.appendChild(document.createElement("i"));
  sample.style.cssText = "forced-color-adjust: none; background: Canvas";
  const ground = getComputedStyle(sample).backgroundColor;
  sample.remove();
  return [...document.querySelectorAll("body *:not(template, script, style, svg *)")].filter((one) => {
    const { color, forcedColorAdjust } = getComputedStyle(one), words = (part) => part.nodeType === 3 && part.data.trim();
    return one.checkVisibility() && [...one.childNodes].some(words) && color === ground && forcedColorAdjust === "auto";
  }).map((one) => one.outerHTML.slice(0, 160));
}
"""


@functools.cache
def _axe() -> str:
    return Axe().axe_script


def findings(page: Page, place: str = "") -> list[tuple[str, str, str]]:
    """What axe-core finds on a page, or in a place of it: rule, element, what is wrong."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_axe())
    said = page.evaluate(RUN, [place, TAGS])
    assert said["looked"], "axe looked at nothing"
    return [tuple(one) for one in said["found"]]


def accessible(page: Page, name: str = "", place: str = "") -> None:
    """axe-core finds nothing."""
    found = findings(page, place)
    assert found == [], f"{name}: {len(found)}, as {json.dumps(found[:5], ensure_ascii=False, indent=1)}"


def reflows(page: Page, name: str = "", place: str = "") -> None:
    """Nothing is cut off, and nothing has to be scrolled sideways but a table or a drawing in a frame of its own."""
    found = page.evaluate(BEYOND, place)
    assert found == [], f"{name}: {len(found)}, as {json.dumps(found[:5], ensure_ascii=False, indent=1)}"


def in_forced_colours(page: Page, name: str = "") -> None:
    """In the system's own colours, dark and light, words are seen."""
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme, forced_colors="active")
        accessible(page, f"{name}, forced colours, {theme}")
        unseen = page.evaluate(UNSEEN)
        assert unseen == [], f"{name}, forced colours, {theme}: {unseen[:5]}"
    page.emulate_media(forced_colors="none")


# ---- the tree that a screen reader gets -------------------------------------------------------------------------


@dataclass(frozen=True)
class Node:
    """A node of the accessibility tree, as Chromium hands it to a screen reader."""

    role: str
    name: str
    description: str
    properties: Mapping[str, Any]


def tree(page: Page) -> list[Node]:
    """What a screen reader is given, in the order in which it reads."""
    told = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    by_id = {one["nodeId"]: one for one in told}

    def said(one: Mapping[str, Any], key: str) -> str:
        return str(one.get(key, {}).get("value", ""))

    def below(one: Mapping[str, Any]) -> Iterator[Node]:
        if not one["ignored"]:
            properties = {p["name"]: p["value"].get("value") for p in one.get("properties", ())}
            yield Node(said(one, "role"), said(one, "name"), said(one, "description"), properties)
        for child in one.get("childIds", ()):
            if child in by_id:
                yield from below(by_id[child])

    return [*below(told[0])]


def reads_well(page: Page, name: str = "") -> None:
    """Headings begin at the first level and leave none out; what can have the focus has a name; a wrong field says why."""
    nodes, wrong = tree(page), []
    levels = [int(one.properties["level"]) for one in nodes if one.role == "heading"]
    asked = any(one.role == "dialog" for one in nodes)  # all but a question is out of reach
    if (levels[:1] != [1] and not asked) or any(after > before + 1 for before, after in itertools.pairwise(levels)):
        wrong.append(f"headings {levels}")
    for one in nodes:
        own_words = one.role in ("RootWebArea", "alert")  # read out whole when they come
        if one.properties.get("focusable") and not own_words and not one.name.strip():
            wrong.append(f"no name: {one}")
    described = sum(bool(one.description.strip()) for one in nodes if one.properties.get("invalid") == "true")
    if described < page.locator("[aria-invalid=true]").count():
        wrong.append("a field is wrong, and it isn't said there why")
    assert wrong == [], f"{name}: {wrong}"


# ---- the keyboard -----------------------------------------------------------------------------------------------


def by_keyboard(page: Page, name: str = "") -> list[str]:
    """Tab comes to everything, is seen where it is, and leaves the page at its end; the stops."""
    stops, wrong = [], []
    page.evaluate(
        "() => { document.querySelectorAll('[data-stopped]').forEach((one) => delete one.dataset.stopped);"
        " document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex') }"
    )
    for _ in range(400):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            break
        stops.append(stop["what"])
        wrong += [("not marked", stop["what"])] * (not stop["marked"]) + [("not seen", stop["what"])] * (
            not stop["seen"]
        )
    else:
        wrong.append(("no way out", stops[-1]))
    wrong += [("not reached", one) for one in page.evaluate(LEFT_OUT)]
    assert wrong == [], f"{name}: {json.dumps(wrong, ensure_ascii=False, indent=1)}"
    return stops


def at_rest(page: Page, name: str = "") -> None:
    """Nothing moves where somebody has asked for that."""
    assert page.evaluate(MOVING) == [], name
