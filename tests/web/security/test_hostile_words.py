"""Whatever a person types stays text, on every page."""

import re

import pytest
from support.class_server import (
    Browser,
    debrief_pages,
    plain,
)  # fmt: skip
from support.hostile import BOARD, HOSTILE, harmless

from trainkit.web.security import proof


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_hostile_words_stay_words(hold, hostile):
    name = hostile[:24]
    with hold("--own-words", "--ask-why", "--set", "price=low", "--set", "need=whenever") as server:
        door = Browser(server)
        door.get("/")
        harmless(door.join(name, consent=False))
        browser = server.joined(name)
        kept = server.rows("SELECT name FROM members")[0]["name"]
        harmless(browser.page, [plain(kept)])
        browser.press("begin")
        browser.press("words", "1", text=f"{hostile} слова {hostile * 50}")
        seen = re.sub("[\u200e\u200f\u202a-\u202e]", "", hostile)
        said = plain("".join(c if c.isprintable() else " " for c in seen))
        harmless(browser.page, [f"{said} слова"])
        browser.say("offer")
        browser.press("why", "1", text=f"{hostile} довод")
        harmless(browser.page)
        harmless(browser.get("/disagree?n=0"))
        browser.press("disagree", text=f"{hostile} спор")
        harmless(browser.page, [f"{said} спор"])
        browser.press("words", "", text="")
        browser.say("rules")
        browser.press("why", "")
        browser.press("words", "")
        browser.say("sorry")
        browser.press("why", "")
        pages = [browser.page, *debrief_pages(browser), browser.get("/talk"), browser.get("/link")]
        for page in pages:
            harmless(page)
            tokens = page.text.count('name="token"')
            assert tokens == sum(form.method == "post" for form in page.forms)  # none where a person wrote the mark
        assert any(f"{said} слова" in page.words for page in pages) and any(
            f"{said} спор" in page.words for page in pages
        )

        trainer = server.trainer()
        token = proof(trainer.cookies[BOARD])
        harmless(trainer.get("/remote?tab=people"), [plain(kept)])
        who = server.rows("SELECT member FROM members")[0]["member"]
        trainer.post("/remote?tab=people", {"do": "name", "who": who, "name": f"x{hostile}", "token": token})
        harmless(trainer.get(f"/remote?tab=people&who={who}&sure=remove"))
        harmless(trainer.get("/wall"))
        harmless(trainer.get("/remote?part"))
        pack = trainer.get("/remote/debrief?names")
        assert pack.status == 200
        harmless(pack)
