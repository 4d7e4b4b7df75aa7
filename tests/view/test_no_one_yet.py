"""Why nobody comes: what is said fits the laptop and the address."""

import pytest

from trainkit.view.no_one_yet import no_one_yet


@pytest.mark.parametrize(
    ("system", "said"),
    [("win32", "Безопасность Windows"), ("darwin", "Системные настройки"), ("linux", "ufw allow 8123")],
)
def test_what_to_press_is_of_this_system(system, said):
    found = no_one_yet("http://192.168.1.5:8123", "racket_refund", "ru", system)
    assert len(found.causes) == 3 and said in found.causes[-1] and "{" not in str(found)
    assert "trainkit print racket_refund" in found.ways[-1]


def test_an_address_of_this_laptop_alone_is_the_cause():
    (cause,) = no_one_yet("http://127.0.0.1:8000", "racket_refund", "en", "linux").causes
    assert "http://127.0.0.1:8000 leads nowhere but to this laptop" in cause
