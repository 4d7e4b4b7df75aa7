"""``trainkit site``: what doesn't go together is said before anything is fetched or written."""

import pytest

from trainkit.cli.main import main


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["--single", "--scorm", "1.2", "-o", "x.html"], "--single and --scorm make different things"),
        (["--score", "-o", "x"], "--score is told to a course system"),
        (["--lab", "--single", "-o", "x.html"], "--lab makes notebooks beside a site’s pages"),
        (["--lab", "--scorm", "2004", "-o", "x.zip"], "it goes with a folder alone"),
        (["--single", "-o", "x.txt"], '-o wants a file that ends in .html (got "x.txt")'),
        (["--scorm", "2004", "-o", "x"], '-o wants a file that ends in .zip (got "x")'),
        (["--single", "-o", "nowhere/x.html"], '"nowhere" isn’t there'),
        (["-o", "x", "--send", "ftp://a/b"], "--send wants an address like"),
        (["-o", "x", "--send", "http://a/; script-src *"], "--send wants an address like"),
        (["-o", "x", "--send", "http://a:b@c/runs/x"], "--send wants an address like"),
        (["-o", "x", "--send-xapi", "lrs.example.org"], "--send-xapi wants the address of a record store"),
        (["-o", "x", "--send-xapi", "https://a/xapi?key=1"], "--send-xapi wants the address of a record store"),
        (["-o", "x", "--send-xapi", "https://a/x", "--send", "http://a/b"], "name one of them"),
        (["-o", "x", "--send-xapi", "https://a/x", "--xapi-auth", "secret"], "like NAME:SECRET"),
        (["-o", "x", "--send-xapi", "https://a/x", "--xapi-home", "academy"], "an xAPI home is an address like"),
        (["-o", "x", "--xapi-auth", "a:b"], "go with --send-xapi"),
        (["-o", "x", "--feedback", "soon"], 'feedback is "now", "end" or "none"'),
        (["racket_refund", "racket_refund", "-o", "x"], '"racket_refund" is named twice'),
        (["raket_refund", "-o", "x"], "racket_refund"),
        (["-o", "x", "--scorm", "3"], "3"),
        ([], "-o"),
        (["racket_refund", "-o", "x", "--pyodide", "nothing.tgz"], "can't be read"),
    ],
)
def test_bad_input_is_one_sentence(line, said, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(["site", *line, *(["--lang", "en"] if line else [])]) == 2
    printed = capsys.readouterr().err
    assert said in printed and "Traceback" not in printed and not any(tmp_path.iterdir())


def test_it_speaks_russian(capsys, tmp_path):
    assert main(["site", "--single", "-o", str(tmp_path / "x.txt")]) == 2
    assert "-o ждёт файл с окончанием .html" in capsys.readouterr().err


def test_a_folder_that_holds_something_else_is_left_alone(capsys, monkeypatch, tmp_path):
    """Said before anything is fetched or made."""
    monkeypatch.setattr("trainkit.site.runtime.find_runtime", lambda *_: pytest.fail("too late"))
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["site", "racket_refund", "-o", str(tmp_path), "--lang", "en"]) == 2
    assert "holds something else" in capsys.readouterr().err and [one.name for one in tmp_path.iterdir()] == [
        "mine.txt"
    ]


@pytest.mark.long
def test_one_that_is_a_site_is_made_anew(npm, tmp_path):
    site = tmp_path / "site"
    for _ in range(2):
        assert main(["site", "racket_refund", "-o", str(site), "--lang", "en"]) == 0
    assert (site / "index.html").read_text("utf-8").count("racket_refund") > 2
