"""A course in a page of scorm-again: it goes on where one was, on another device, too, and hears that one has finished."""

import io
import json
import xml.etree.ElementTree as ET
import zipfile

import pytest
from support import npm as packages
from support.class_pages import pictured
from support.sites import CHOICE, enter, made, play, press, served

from trainkit.site.scorm import course_zip

# a course system: it keeps what it is told in a variable, which a test may hand to the next
LMS = """<!doctype html><title>LMS</title><script src="scorm12.js"></script><script src="scorm2004.js"></script>
<script>
const asked = new URLSearchParams(location.search), data = JSON.parse(asked.get("data") || "{}");
const v2004 = asked.get("version") === "2004", how = { autocommit: false, logLevel: 5 };
if (asked.get("mute") === "none") { /* no course system at all */ }
else if (asked.get("mute")) window.API = Object.fromEntries(["Initialize", "GetValue", "SetValue", "Commit", "Finish"].map(
  (name) => [`LMS${name}`, () => { if (asked.get("mute") === "throws") throw new Error("gone"); }]));
else {
  window[v2004 ? "API_1484_11" : "API"] = v2004 ? new Scorm2004API(how) : new Scorm12API(how);
  (v2004 ? API_1484_11 : API).loadFromFlattenedJSON(data, "");
}
const said = (name) => (v2004 ? API_1484_11.GetValue(name) : API.LMSGetValue(name));
</script><iframe src="course/index.html" style="width:360px;height:740px;border:0"></iframe>"""
NAMES = {
    "1.2": {"status": "cmi.core.lesson_status", "score": "cmi.core.score.raw", "who": "cmi.core.student_id"},
    "2004": {"status": "cmi.completion_status", "score": "cmi.score.raw", "who": "cmi.learner_id"},
}


@pytest.fixture(scope="module")
def kit(npm):
    return made("boundaries", own_words=True)


@pytest.fixture(scope="module")
def lms(kit, tmp_path_factory):
    """Opens a course: version, what the course system has kept, whether it answers, whether a score is wanted."""
    place = tmp_path_factory.mktemp("lms")
    package = packages.packed(*packages.SCORM)
    for name in ("scorm12", "scorm2004"):
        (place / f"{name}.js").write_bytes(packages.member(package, f"dist/{name}.min.js"))
    (place / "lms.html").write_text(LMS, "utf-8")
    for folder, score in (("plain", False), ("scored", True)):
        for version in NAMES:
            course = course_zip(*kit, version, score)
            zipfile.ZipFile(io.BytesIO(course)).extractall(place / folder / version / "course")
            for file in place.glob("*.*"):
                (place / folder / version / file.name).write_bytes(file.read_bytes())
    with served(place) as address:
        yield address


class Course:
    """A sitting: a browser of its own (or that of an earlier one) at the course system's page."""

    def __init__(self, chromium, address, version="1.2", score=False, data=None, mute="", same=None):
        self.version, self.context = version, same.context if same else chromium.new_context(locale="ru-RU")
        self.page = self.context.new_page()
        self.problems = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        query = f"version={version}&mute={mute}&data={json.dumps(data or {})}"
        self.page.goto(f"{address}{'scored' if score else 'plain'}/{version}/lms.html?{query}")
        self.page.wait_for_selector("iframe")
        self.inside = next(frame for frame in self.page.frames if "course/" in frame.url)
        self.inside.wait_for_selector("body[data-ready]", timeout=90_000)

    def get(self, name):
        return self.page.evaluate("name => said(name)", NAMES[self.version].get(name, name))

    @property
    def place(self):
        return self.get("cmi.suspend_data")


@pytest.fixture
def opened(chromium, lms):
    sittings = []

    def open_(*arguments, **named):
        sittings.append(Course(chromium, lms, *arguments, **named))
        return sittings[-1]

    yield open_
    assert [one.problems for one in sittings if one.problems] == []
    for one in sittings:
        one.context.close()


@pytest.mark.slow
def test_a_manifest_names_every_file_as_the_version_wants_it(kit):
    for version, root in (("1.2", "imscp_rootv1p1p2"), ("2004", "imscp_v1p1")):
        course = zipfile.ZipFile(io.BytesIO(course_zip(*kit, version)))
        manifest = ET.fromstring(course.read("imsmanifest.xml"))
        assert root in manifest.tag
        spaces = {"": manifest.tag[1:].partition("}")[0]}
        resource = manifest.find(".//resource", spaces)
        listed = {file.get("href") for file in resource.findall("file", spaces)}
        assert resource.get("href") == "index.html" and listed == set(course.namelist()) - {"imsmanifest.xml"}
        kind = {"1.2": "scormtype", "2004": "scormType"}[version]
        assert [value for name, value in resource.items() if name.endswith("}" + kind)] == ["sco"]
        assert manifest.find(".//organization/title", spaces).text == "23:40, чат «Афиша Сони»"
        assert sum(one.compress_size for one in course.infolist()) <= 12_000_000


@pytest.mark.slow
@pytest.mark.parametrize("version", ["1.2", pytest.param("2004", marks=pytest.mark.long)])
def test_from_incomplete_to_completed_and_on_from_another_device(opened, version):
    first = opened(version)
    assert first.get("status") == "incomplete"
    enter(first.inside, "boundaries")
    first.inside.fill(".choice textarea", "Сама бы сказала: «нет»")
    press(first.inside, ".choice [value='1']")
    press(first.inside, ".choice .opt >> nth=1")
    first.page.wait_for_function("() => said('cmi.suspend_data').length > 50")
    assert first.get("status") == "incomplete"
    there = first.inside.inner_text(".choice")
    pictured(first.page, f"course-{version}-ru")
    second = opened(version, data={"cmi.suspend_data": first.place})  # nothing is kept there
    second.inside.evaluate("go('/play')")
    second.inside.wait_for_selector(CHOICE)
    assert second.inside.inner_text(".choice") == there
    play(second.inside, lambda turn, n: turn % n)
    second.page.wait_for_function("name => said(name) === 'completed'", arg=NAMES[version]["status"])
    assert second.get("score") in ("", None)  # completion, and nothing of how well
    for page in (first, second):
        page.page.evaluate("document.querySelector('iframe').remove()")


@pytest.mark.long
@pytest.mark.parametrize("version", ["1.2", "2004"])
def test_a_score_is_told_where_it_is_wanted(opened, version):
    course = opened(version, score=True)
    enter(course.inside, "boundaries")
    play(course.inside, lambda turn, n: turn % n)
    course.page.wait_for_function("name => said(name) !== ''", arg=NAMES[version]["score"])
    assert 0 <= int(course.get("score")) <= 100


@pytest.mark.long
def test_suspend_data_stays_within_its_field(opened):
    """However much somebody writes: their words stay in the browser, and the place in the course."""
    course = opened("1.2")
    enter(course.inside, "boundaries")
    play(course.inside, lambda turn, n: turn % n, words="слово " * 300)
    course.page.wait_for_function("name => said(name) === 'completed'", arg=NAMES["1.2"]["status"])
    assert 50 < len(course.place) <= 4096 and "слово" not in course.place
    words = course.inside.evaluate("ask('file', '/answers/file').then((file) => file.text)")
    assert "слово слово" in words


@pytest.mark.long
def test_a_course_system_that_loses_the_place(opened):
    """The browser has it still; on another device one begins anew, and nothing breaks."""
    first = opened("1.2", data={"cmi.core.student_id": "anna"})
    enter(first.inside, "boundaries")
    press(first.inside, ".choice [value='']")
    there = first.inside.inner_text(".choice")
    again = opened("1.2", data={"cmi.core.student_id": "anna"}, same=first)  # the same browser, and no suspend data
    again.inside.evaluate("go('/play')")
    again.inside.wait_for_selector(CHOICE)
    assert again.inside.inner_text(".choice") == there
    other = opened("1.2", data={"cmi.core.student_id": "boris"}, same=first)  # somebody else at this computer
    assert other.inside.locator(".book.new").count() == 1
    for broken in ("{", '[1,["a"]]', "[9,[]]", "cut off…"):
        assert opened("1.2", data={"cmi.suspend_data": broken}).inside.locator(".book.new").count() == 1


@pytest.mark.long
@pytest.mark.parametrize("mute", ["silent", "throws", "none"])
def test_a_course_system_that_never_answers(opened, mute):
    course = opened("1.2", mute=mute)
    assert "Система обучения не отвечает" in course.inside.inner_text(".notice")
    enter(course.inside, "boundaries")
    press(course.inside, ".choice [value='']")
    course.inside.wait_for_selector(".choice .opt")
