"""What is on the screen before Python is there? A site's first page, what may be loaded, what is said if it can't be."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from markupsafe import Markup

from trainkit.case.model import Case
from trainkit.i18n import catalog, direction
from trainkit.log.records import Settings
from trainkit.site.visit import Plan, Visit
from trainkit.view import render

_MAIN = re.compile(r"<main.*</main>", re.DOTALL)


def first_page(
    plan: Plan,
    cases: Sequence[Case],
    about: Mapping[str, object],
    *,
    size: int,
    scripts: Sequence[tuple[str, str]],
    styles: Sequence[tuple[str, str]],
    inline: Mapping[str, str] | None = None,
    licences: str = "",
) -> str:
    """The HTML that a browser opens: the list of conversations, to be read while the rest comes.

    Parameters
    ----------
    about : mapping
        What ``app.js`` is told beside the plan.
    size : int
        Bytes that come, for the bar.
    scripts, styles : sequence of (name, text)
        In order.
    inline : mapping, optional
        For a page that is one file, in which scripts and styles stand, too: what else stands in it, as text by its id.
    licences : str
        To be read in the page; left out, they are in a file beside it.
    """
    source = {case.id: (case.source_json, case.translations_json) for case in cases}
    visit = Visit(plan, source.__getitem__)
    lobbies = {lang: Markup(_MAIN.search(visit.page(f"/?lang={lang}"))[0]) for lang in plan.languages}  # type: ignore[index]
    say = {lang: sentences(lang) for lang in plan.languages}
    site = {**about, "plan": plan_json(plan), "say": say}
    whole = inline is not None
    data = json.dumps(site, ensure_ascii=False).replace("<", "\\u003c")
    return render.template(
        "site_page.html",
        plan.lang,
        package="trainkit.site",
        policy=policy(plan, [text for _, text in scripts] if whole else None),
        say=say[plan.lang],
        size=size,
        lobby=lobbies.pop(plan.lang),
        others=[(lang, direction(lang), html) for lang, html in lobbies.items()],
        site=Markup(data),
        styles=Markup("".join(_style(*one, inline=whole) for one in styles)),
        scripts=Markup("".join(_script(*one, inline=whole) for one in scripts)),
        data={name: Markup(content) for name, content in (inline or {}).items()},
        licences=licences,
    )


def plan_json(plan: Plan) -> dict[str, object]:
    """A plan as a visit reads it."""
    held: Settings = plan.settings
    settings = {"feedback": held.feedback, "back": held.back, "own_words": held.own_words, "ask_why": held.ask_why}
    sends = {"send": plan.send, "store": plan.store and plan.store._asdict()}
    return {"cases": plan.cases, "lang": plan.lang, "languages": plan.languages, **sends, **settings}


def policy(plan: Plan, inline: Sequence[str] | None) -> str:
    """What the page and its worker may load: of their own place, and one address to send to where there is one.

    ``inline``: scripts that stand in the page, for a single file.
    """
    sends = ["{0.scheme}://{0.netloc}".format(urlsplit(plan.sends_to))] if plan.sends_to else []
    own = ["'self'"] if inline is None else [f"'sha256-{_sha256(text)}'" for text in inline]
    allowed = {
        "default-src": ["'none'"],
        "script-src": [*own, "blob:", "'wasm-unsafe-eval'"],
        # the page's own worker; the one that works offline
        "worker-src": ["blob:", *(["'self'"] if inline is None else [])],
        "style-src": ["'self'"] if inline is None else ["'unsafe-inline'"],
        "img-src": ["data:"],
        "connect-src": [*(["'self'"] if inline is None else []), *sends] or ["'none'"],
        "form-action": ["'none'"],
        "base-uri": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in allowed.items())


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _style(name: str, text: str, inline: bool) -> str:
    return f"<style>{text}</style>" if inline else f'<link rel="stylesheet" href="{name}">'


def _script(name: str, text: str, inline: bool) -> str:
    return f"<script>{text}</script>" if inline else f'<script src="{name}" defer></script>'


def sentences(lang: str) -> dict[str, str]:
    """What ``app.js`` says by itself, in a language."""
    _ = catalog(lang).gettext
    return {
        "title": _("Conversations with a client"),
        "licences": _("Licences"),
        "loading": _("The conversations are loading; you can read what there is, and choose."),
        "slow": _(
            "If nothing moves here for long, the network is slow or the page’s files are missing. Reload the page."
        ),
        "folder": _(
            "This page was opened from a folder, and no browser lets it run from there. Ask for the single file, or for "
            "the address of the page."
        ),
        "nowasm": _("This browser can’t run the page: WebAssembly is missing or switched off. Take a current browser."),
        "missing": _("A file can’t be loaded: {name} ({why}). Check the connection and reload the page."),
        "instead": _(
            "The server sends a page of its own in place of {name}. Whoever put this site there: all its files must be "
            "there, under their own names."
        ),
        "crashed": _("The page has stopped ({why}). Everything confirmed is kept. Reload the page."),
        "unkept": _(
            "This browser keeps nothing here, as in a private window. You can play; what you say is gone when the window "
            "is closed, unless you save your answers first."
        ),
        "sending": _("Sending…"),
        "sending_some": _("Sending… {n} of {total}"),
        "sent": _("Sent. The trainer has your answers."),
        "stored": _("Sent. The record store has your answers."),
        "store_refused": _("The record store did not take them: {why}"),
        "store_key": _(
            "The record store does not know this page’s key any more. Save the answers as a file and give it to the trainer."
        ),
        "store_silent": _(
            "The record store does not answer, or takes nothing from this page’s address. Try again later, or save the "
            "answers as a file and give it to the trainer."
        ),
        "refused": _("The trainer’s computer did not take them: {why}"),
        "unsent": _(
            "The trainer’s computer does not answer. Try again later, or save the answers as a file and give it to the "
            "trainer."
        ),
        "insecure": _(
            "This page is secure and the address to send to is not (http), so no browser lets anything be sent there. Save "
            "the answers as a file and give it to the trainer."
        ),
        "no_course": _(
            "The course system does not answer. You can play: what you say is kept in this browser, but the course will not "
            "know that you have finished."
        ),
        "course_lost": _(
            "The course system has not saved where you are. It is kept in this browser: go on, or come back here later."
        ),
        "course_full": _(
            "The course system keeps too little to go on from another device: go on in this browser. Nothing is lost here."
        ),
    }
