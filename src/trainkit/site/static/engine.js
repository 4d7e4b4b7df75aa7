// Python with the kit in it, in a worker. Addresses and forms come in, pages go out: never before the browser has it on disk.
"use strict";
self.importScripts = undefined; // Pyodide refuses classic workers; this one loads it by import(), as a module worker would
const LIBRARIES = "/lib/python3.14/site-packages", NOWHERE = "https://nowhere.invalid/";
const STARTS = `
def start(plan, rows, run, lang):
    import json
    from pathlib import Path
    from trainkit.site.visit import Window
    def load(name):
        return json.loads(Path("${LIBRARIES}/cases", name + ".json").read_text("utf-8"))
    return Window(plan, load, rows, run, lang)
start`;
let site, python, visit, database = null, last = 0;

const tell = (said) => postMessage({ said });
const problem = (kind, values = {}) => Object.assign(new Error(kind), { kind, values });

// ---- files: in a folder on a server, or parts of the one file -----------------------------------------------------------

const download = self.fetch.bind(self);
const TYPES = { wasm: "application/wasm", js: "text/javascript" };
const come = { "pyodide.asm.wasm": new Response() }; // here before Pyodide asks for it: what it lacks it says nobody in words
self.fetch = async (asked) => come[String(asked.url || asked).split("/").pop()] || Promise.reject(new Error(`there is no ${asked}`));

async function file(name) {
  const type = TYPES[name.split(".").pop()];
  if (site.parts) {
    const whole = new Blob([site.parts[name]]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(whole, { headers: type ? { "content-type": type } : {} });
  }
  let got;
  const stamp = site.stamps?.[name] ? `?${site.stamps[name]}` : ""; // another file, another address: none is taken for a newer one
  try { got = await download(site.base + name + stamp); } catch (error) { throw problem("missing", { name, why: error.message }); }
  if (!got.ok) throw problem("missing", { name, why: String(got.status) });
  const sent = got.headers.get("content-type") || "";
  if (sent.startsWith("text/html")) throw problem("instead", { name }); // a host that shows a page of its own for what it lacks
  count(name, got.clone()); // a copy: only from its own answer the browser keeps the compiled program for the next time
  return type && sent !== type ? new Response(await got.arrayBuffer(), { headers: { "content-type": type } }) : got;
}

async function count(name, copy) {
  let size = 0;
  try {
    for (const reader = copy.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) return;
      tell({ name, size: size += value.length });
    }
  } catch { /* whoever reads the answer itself says so */ }
}

// What Pyodide would begin to compile after all else was there. Gives what fails with it, of which Pyodide says nothing.
const program = (compiled) => new Promise((_, failed) => {
  WebAssembly.instantiateStreaming = async (_, imports) => {
    try { return { module: compiled, instance: await WebAssembly.instantiate(compiled, imports) }; } catch (error) { failed(error); throw error; }
  };
});

async function script(name) {
  const url = URL.createObjectURL(new Blob([await (await file(name)).text()], { type: TYPES.js }));
  try { return await import(url); } finally { URL.revokeObjectURL(url); }
}

// ---- the log ------------------------------------------------------------------------------------------------------------

const asked = (request) => new Promise((done, failed) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => failed(request.error);
});

async function open(name) { // fails where nothing may be kept, at once or later
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    const rows = opening.result.createObjectStore("rows", { keyPath: "n", autoIncrement: true });
    rows.createIndex("key", "key", { unique: true }); // of two windows that write the same, the second is refused
  };
  return asked(opening);
}

async function rows(after) { // what this window doesn't know yet
  const found = database ? await asked(database.transaction("rows").objectStore("rows").getAll(IDBKeyRange.lowerBound(after, true))) : [];
  last = found.at(-1)?.n ?? after;
  return JSON.stringify(found.map(({ key, value }) => [key, value]));
}

function commit(some) {
  if (!database || !some.length) return;
  return new Promise((done, failed) => {
    const together = database.transaction("rows", "readwrite", { durability: "strict" });
    for (const [key, value] of some) together.objectStore("rows").add({ key, value });
    together.oncomplete = () => done();
    together.onabort = () => failed(together.error || new Error("aborted"));
  });
}

const reason = (error) => ({ ConstraintError: "elsewhere", QuotaExceededError: "full" })[error.name] || error.message || error.name;

// ---- what the page asks for ---------------------------------------------------------------------------------------------

const does = {
  async boot(wanted) {
    site = wanted;
    if (typeof WebAssembly !== "object") throw problem("nowasm");
    const opening = open(site.database).catch((error) => (tell({ unkept: error.name }), null));
    const [kit, { default: createPyodideModule }, { loadPyodide }, compiled] = await Promise.all([
      file("app.zip").then((got) => got.arrayBuffer()), script("python/pyodide.asm.js"), script("python/pyodide.js"),
      WebAssembly.compileStreaming(file("python/python.wasm")), file("python/stdlib.zip").then((got) => { come["python_stdlib.zip"] = got; }),
    ]);
    const own = { indexURL: NOWHERE, packageBaseUrl: NOWHERE, stdLibURL: `${NOWHERE}python_stdlib.zip` };
    python = await Promise.race([program(compiled), loadPyodide({ ...own, createPyodideModule, lockFileContents: site.lock })]);
    python.unpackArchive(kit, "zip", { extractDir: LIBRARIES });
    database = await opening;
    visit = python.runPython(STARTS)(site.plan, await rows(0), site.run, site.lang);
    return last > 0; // whether anybody has been here
  },
  async get(address) { return JSON.parse(visit.get(address, await rows(last))); },
  async post(address, body) {
    const answer = JSON.parse(visit.post(address, body, await rows(last)));
    try {
      await commit(answer.rows);
    } catch (error) { // nothing of it is there: Python forgets it, too
      return JSON.parse(visit.undo(address, body, await rows(0), reason(error)));
    }
    return answer;
  },
  file: (address) => JSON.parse(visit.file(address)),
  statements: () => JSON.parse(visit.statements()),
  progress: (most) => JSON.parse(visit.progress(most)),
  async resume(place) { // a course's, where this browser knows nothing; whether there was any
    const some = JSON.parse(visit.carry_on(place));
    await commit(some);
    return some.length > 0;
  },
  heap: () => python._module.HEAP8.length,
};

let turn = Promise.resolve(); // one thing after the other
onmessage = ({ data: [number, what, ...arguments_] }) => {
  turn = turn.then(() => does[what](...arguments_)).then(
    (done) => postMessage({ number, done }),
    (error) => postMessage({ number, failed: { kind: error.kind || "crashed", values: error.values || { why: String(error.message || error) } } }));
};
