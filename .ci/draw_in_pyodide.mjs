// Installs the library in Pyodide with micropip, and draws:
//
//     node draw_in_pyodide.mjs PYODIDE ADDRESS WHEEL...
//
// PYODIDE is the file pyodide.mjs, ADDRESS that of an index of packages, and the wheels there are those of micropip.
import process from "node:process";
import { pathToFileURL } from "node:url";

const [pyodide, address, ...wheels] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(pyodide));
const PROGRAM = `
import importlib
import platform
import sys

importlib.invalidate_caches()
import micropip

await micropip.install("scalar-autograd", index_urls=[f"{address}/simple/{{package_name}}/"])
from pathlib import Path

from autograd import RenderError, Value, backend, draw, explore, tanh

assert backend() == "python"
y = tanh(Value(2.0, label="x") * -3.0 + 1.0)
draw(y, "x.svg")
assert "data -0.9999" in Path("x.svg").read_text()
assert "<svg" in y._repr_mimebundle_()["image/svg+xml"]
assert explore(y).html.startswith("<!doctype html>")
try:
    draw(y, "x.png")
except RenderError as error:
    assert "PNG" in str(error), error
else:
    raise AssertionError("there is no Graphviz")
print(f"Pyodide, Python {platform.python_version()}: installed with micropip {micropip.__version__}, draws SVG and pages")
`;

async function draw() {
  const python = await loadPyodide();
  for (const wheel of wheels) {
    const response = await fetch(`${address}/${wheel}`);
    python.unpackArchive(await response.arrayBuffer(), "wheel");
  }
  python.globals.set("address", address);
  await python.runPythonAsync(PROGRAM);
}

try {
  await draw();
} catch (error) {
  console.error(error.message); // Node would print the line of Pyodide's script, which is megabytes long
  process.exitCode = 1;
}
