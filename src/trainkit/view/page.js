// When a page takes another's place without a flash, in a class and on a site: what is new is said, the keyboard goes on
// where one reads on, and what is pressed before anybody has read it counts for nothing.
const main = () => document.querySelector("main");
const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

function turn(what, said) { // language or direction; from left to right is nowhere written
  if (said) document.documentElement.setAttribute(what, said);
  else document.documentElement.removeAttribute(what);
}

function put(page) { // in the place of the one that is there
  document.title = page.title;
  for (const what of ["lang", "dir"]) turn(what, page.documentElement.getAttribute(what));
  main().replaceWith(document.adoptNode(page.querySelector("main")));
}

function tell(words) { // a screen reader says nothing of a page that takes another's place; here stays a place that it listens to
  document.getElementById("heard").textContent = words;
}

function tell_what_is_new() {
  const talk = [...document.querySelectorAll(document.getElementById("now") ? ".talk #now ~ li" : ".talk > li")];
  const parts = [...talk, ...document.querySelectorAll("main [role=status]")];
  tell(parts.map((part) => part.innerText.trim().replace(/\s*\n\s*/g, ". ").replace(/([.!?…:])\. /g, "$1 ")).join(" "));
}

function look_at(part) { // the keyboard goes on from there, and a screen reader begins there
  if (!part.matches("a, button, input, select, textarea, [tabindex]")) part.tabIndex = -1;
  part.focus({ preventScroll: true });
}

const refused = () => [...main().querySelectorAll(".alert")].find((alert) => !alert.querySelector("[data-retry]"));

function arrive(by_itself, place = document.getElementById("now")) { // at what is wrong, else at what is new; it is told
  tell_what_is_new();
  if (by_itself && document.querySelector(".debrief")) return false; // somebody reads: the page stays where it is
  const page = main(), first = (kind) => page.querySelector(kind), trouble = first("[role=alert]");
  if (!trouble) {
    page.classList.add("fresh"); // nobody has read it yet: what comes so soon is the second half of a double click or tap
    setTimeout(() => page.classList.remove("fresh"), 400);
  }
  (refused() || place || page).scrollIntoView({ block: refused() ? "center" : "start" });
  const reply = first(".choice textarea, .choice fieldset, .alert"); // a reply in a frame would look chosen
  look_at(first("[aria-invalid=true]") || trouble || reply || first(".debrief") || first("h1") || page);
  return true;
}

function at_work(button) { // gives what ends it; soon done is not worth a mark
  const mark = setTimeout(() => button?.classList.add("sent"), 150);
  main().setAttribute("aria-busy", "true");
  return () => {
    clearTimeout(mark);
    main().removeAttribute("aria-busy");
  };
}

document.addEventListener("keydown", (event) => {
  if (event.repeat && event.key === "Enter" && event.target.closest("button")) event.preventDefault(); // held down
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, textarea")) return;
  if (/^[1-9]$/.test(event.key)) document.querySelectorAll(".choice .opt")[event.key - 1]?.focus();
});
