"""A trainer's session on Windows: play, check, print, a class with three phones, stop and go on; written as it went.

Wants a console (Ctrl+C is sent to it) and the name of a file to write.
"""

import ctypes
import locale
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from support.class_server import Browser, Server  # noqa: E402
from support.forked import command  # noqa: E402

CTRL_C = 0
PHONES = ("Анна", "Борис", "Вера")


class Story:
    """What was done, line by line, and whether all went as it should."""

    def __init__(self, file: Path):
        self.file, self.lines, self.red = file, [], 0

    def tell(self, done: str, fine: bool, seconds: float | None = None) -> None:
        took = "" if seconds is None else f" ({seconds:.1f} s)"
        self.lines.append(f"- {'' if fine else '**RED** '}{done}{took}")
        self.red += not fine
        self.file.write_text("\n".join(self.lines) + "\n", "utf-8")


def ran(*arguments, typed=None, program=None):
    """A command of the kit: code, what it printed, seconds."""
    begun = time.monotonic()
    done = subprocess.run(
        [*(program or command()), *map(str, arguments)], input=typed, capture_output=True, cwd=ROOT, timeout=300
    )
    printed = (done.stdout + done.stderr).decode("utf-8").replace("\r\n", "\n")
    return done.returncode, printed, time.monotonic() - begun


def commands(story: Story, folder: Path) -> None:
    """What is typed without a class."""
    for program in (command(), [str(Path(sys.executable).parent / "Scripts" / "trainkit.exe")]):
        code, printed, took = ran("--version", program=program)
        shown = Path(program[0]).name + " -m trainkit" * (len(program) > 1)
        story.tell(f"`{shown} --version`: {printed.strip()}", code == 0 and printed.startswith("trainkit "), took)

    code, printed, took = ran("play", "racket_refund", "--seed", 7, "--answers", "pay,as_said")
    fine = code == 0 and printed.strip().startswith("Понедельник, без двадцати семь")
    story.tell("`play racket_refund --answers pay,as_said`: the words of the case, in Russian", fine, took)

    log = folder / "журнал.sqlite3"
    play = ("play", "tests/casebook/late_parcel", "--seed", 7, "--database", log)
    code, first, took = ran(*play, typed=b"1\r\nq\r\n")
    story.tell("`play` by hand: one reply, then `q`; the log is `журнал.sqlite3`", code == 0 and log.exists(), took)
    code, second, took = ran(*play, typed="й\r\n".encode("cp1251"))
    once = first.rpartition("\n> ")[2].strip()[:60]
    story.tell("the same command goes on where it was; `й` typed in cp1251 stops", code == 0 and once in second, took)

    code, printed, took = ran("check", "racket_refund")
    summary = next((line for line in printed.splitlines() if line.startswith("racket_refund:")), printed[:300])
    story.tell(f"`check racket_refund`: {summary}", code == 0 and summary.startswith("racket"), took)
    sheet = folder / "Раздатка к занятию.html"
    code, printed, took = ran("print", "racket_refund", "-o", sheet)
    fine = code == 0 and sheet.exists() and printed.strip() == str(sheet) and "«" in sheet.read_text("utf-8")
    story.tell(f"`print racket_refund -o '{sheet.name}'`", fine, took)


def press_ctrl_c(process: subprocess.Popen) -> tuple[int, float]:
    """Ctrl+C reaches every program of the console, this one, too; gives the process's exit code, and seconds."""
    begun = time.monotonic()
    signal.signal(signal.SIGINT, lambda *_: None)
    ctypes.windll.kernel32.GenerateConsoleCtrlEvent(CTRL_C, 0)
    while process.poll() is None and time.monotonic() < begun + 30:
        time.sleep(0.05)
    return process.poll(), time.monotonic() - begun


def announced(server: Server) -> tuple[str, float]:
    """What a trainer reads when the class has begun, and seconds; Ctrl+C ends it."""
    begun, printed = time.monotonic(), []
    line = ("class", "--host", "127.0.0.1", "--port", server.port, "--database", server.database, *server.arguments)
    with subprocess.Popen(command(*line), stdout=subprocess.PIPE, cwd=ROOT) as process:
        for raw in process.stdout:
            printed.append(raw.decode("utf-8"))
            if "Ctrl+C" in printed[-1]:
                break
        took = time.monotonic() - begun
        press_ctrl_c(process)
    return "".join(printed), took


def classroom(story: Story, folder: Path) -> None:
    """Three phones, an end by Ctrl+C, an end at once, and the same command each time."""
    server = Server(folder)
    printed, took = announced(server)
    fine = all(part in printed for part in ("▀", f"http://127.0.0.1:{server.port}", "/t/"))
    story.tell("`class`: a QR code, the address, the code, the board; Ctrl+C", fine, took)
    server.start()
    code = server.code
    story.tell("the same command goes on with the same room", f"{code[:3]} {code[3:]}" in printed)
    phones = [server.playing(name) for name in PHONES]
    for phone in phones:
        phone.say("when_needed")
    story.tell(f"three phones join and reply: {', '.join(PHONES)}", server.count("events") == 3)
    trainer = server.trainer()
    story.tell("the board counts them", trainer.page.status == 200 and trainer.page.path == "/remote")

    other = ("--host", "127.0.0.1", "--port", server.port, "--database", folder / "other.sqlite3")
    taken = ran("class", *other, *server.arguments)
    story.tell(f"a second class on that port: exit {taken[0]}, {len(taken[1].splitlines())} sentence",
               taken[0] == 2 and len(taken[1].splitlines()) == 1 and str(server.port) in taken[1])  # fmt: skip

    ended, took = press_ctrl_c(server.process)
    server.stop()
    story.tell(f"Ctrl+C: exit {ended}", ended in (0, 130) and "Traceback" not in server.complaints(), took)
    server.start()
    story.tell("the same command goes on", server.code == code)
    for phone in phones:
        phone.get("/play")
        phone.say("offer")
    story.tell("the phones go on without joining again", server.count("events") == 6)

    server.process.kill()
    server.stop()
    server.start()
    for phone in phones:
        phone.get("/play")
        phone.say("refund")
    ends = all("Ирина довольна" in phone.page.words for phone in phones)
    story.tell("ended at once (the task manager) and begun again: all three finish", ends and server.code == code)
    chosen = [server.chosen(name) for name in PHONES]
    story.tell("the log has every reply once", chosen == [["when_needed", "offer", "refund"]] * 3)
    late = Browser(server)
    late.get("/")
    story.tell("a fourth joins late", late.join("Гриша").path == "/play")
    press_ctrl_c(server.process)
    server.stop()
    story.tell("no traceback in all that", "Traceback" not in server.complaints())
    file = folder / "Разбор.html"
    exit_code, _, took = ran("debrief", "--workshop", code, "-o", file, "--database", server.database)
    story.tell(f"`debrief -o {file.name}`", exit_code == 0 and file.exists(), took)


def main() -> int:
    """Write the session to the file that is named."""
    story = Story(Path(sys.argv[1]))
    windows = ctypes.windll.kernel32
    story.lines = [
        f"Python {platform.python_version()} for {sys.platform}, files and pipes {locale.getpreferredencoding(False)}, "
        f"console cp{windows.GetConsoleOutputCP()}.",
        "",
        "## A session",
        "",
    ]
    with tempfile.TemporaryDirectory(prefix="Занятие ", ignore_cleanup_errors=True) as name:
        for part in (commands, classroom):
            folder = Path(name) / part.__name__
            folder.mkdir()
            try:
                part(story, folder)
            except Exception as error:  # the rest is worth knowing, too
                story.tell(re.sub(r"\s+", " ", f"{part.__name__} broke off: {error!r}")[:400], False)
    return 1 if story.red else 0


if __name__ == "__main__":
    os.environ.pop("TRAINKIT_DATABASE", None)
    raise SystemExit(main())
