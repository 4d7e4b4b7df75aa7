// Compiles the Python files of a folder in place, by the very Python that will run them: node compile.mjs PYODIDE FOLDER LEVEL
const [runtime, folder, level] = process.argv.slice(2);
const { loadPyodide } = await import(`file:///${runtime.replace(/^\//, "")}/pyodide.mjs`);
const python = await loadPyodide({ indexURL: `${runtime}/` });
python.FS.mkdir("/w");
python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, "/w");
python.globals.set("level", Number(level));
python.runPython(`
import importlib.util, marshal, os
for place, _, names in os.walk("/w"):
    for name in names:
        if not name.endswith(".py") or name.startswith("_sysconfigdata"):
            continue  # that one is read as text
        file = f"{place}/{name}"
        with open(file, "rb") as source:
            text = source.read()
        try:
            code = compile(text, file[2:], "exec", dont_inherit=True, optimize=level)
        except SyntaxError:
            continue  # a template of a file, or for another Python
        head = importlib.util.MAGIC_NUMBER + (0b01).to_bytes(4, "little") + importlib.util.source_hash(text)
        with open(file + "c", "wb") as out:
            out.write(head + marshal.dumps(code))
        os.remove(file)
`);
