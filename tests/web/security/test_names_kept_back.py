"""What is refused names nothing that is still to come: no later case, no reply that isn't open, no scene."""

from pathlib import Path

import pytest
from support.class_server import PARCEL, RACKET

from trainkit.files.casebook import load_case


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_no_refusal_lists_what_there_is(hold, lang):
    with hold(cases=(PARCEL, RACKET)) as server:
        browser = server.joined("Ирис", lang=lang)
        for case_id in ("nothing", "racket_refun"):
            page = browser.post("/play", {**browser.page.sent("begin"), "begin": case_id})
            assert page.status == 422 and RACKET not in page.alert, page.alert
            assert "There are" not in page.alert and "Есть:" not in page.alert
        browser.get("/play")
        browser.press("begin")
        case = load_case(Path(PARCEL))
        options = {name for scene in case.scenes.values() for name in scene.options}
        open_now = set(browser.page.buttons("option"))
        for got in ("nothing", *(name[:-1] for name in sorted(options - open_now))):
            page = browser.post("/play", {**browser.page.sent("option"), "option": got})
            assert page.status == 422, page.status
            said = {name for name in options - {got} if f"“{name}”" in page.alert or f'"{name}"' in page.alert}
            assert not said and "There are" not in page.alert and "Есть:" not in page.alert, page.alert
            browser.get("/play")
