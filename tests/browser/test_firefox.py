"""A site in Firefox: kept over a reload, one person in two tabs; the log is compared in ``test_surfaces.py``."""

import pytest
from support.class_pages import pictured
from support.firefox import firefox
from support.sites import CHOICE, READY, answers, choices, enter, made, play, press, served, site_of
from support.surfaces import BOOTS


@pytest.mark.slow
def test_a_case_to_its_end_over_a_reload_and_beside_a_second_tab(firefox_path, npm, tmp_path):
    with (
        served(site_of(*made("racket_refund"), tmp_path / "site")) as address,
        firefox(firefox_path, address) as browser,
    ):
        page = browser.open(address)
        page.wait_for_selector(READY, timeout=BOOTS)
        pictured(page, "firefox-lobby-ru")
        enter(page, "racket_refund")
        pictured(page, "firefox-scene-ru")
        press(page, ".choice .opt >> nth=1")
        before = page.inner_text(".choice")
        page.reload()
        page.wait_for_selector(READY, timeout=BOOTS)
        page.wait_for_selector(CHOICE)
        assert page.inner_text(".choice") == before
        second = browser.open(f"{address}#/play")
        second.wait_for_selector(READY, timeout=BOOTS)
        assert second.inner_text(".choice") == before
        second.evaluate("others.onmessage = null")  # it hears of nothing, as if both pressed at once
        press(page, ".choice .opt >> nth=0")
        press(second, ".choice .opt >> nth=1")
        assert "не засчитано" in second.inner_text("[role=alert]").replace("\xa0", " ")
        pictured(second, "firefox-second-tab-ru")
        play(page, lambda turn, n: turn % n)
        pictured(page, "firefox-debrief-ru", whole_page=True)
        assert len(choices(answers(page, tmp_path))) > 3
