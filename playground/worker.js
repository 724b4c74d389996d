// Runs Python and the library in a worker, so that the page stays responsive.
//
// The page sends { id, ask, given }: the name of a method of the Session in session.py and its arguments. The answer is
// { id, result }, or { id, failure } with the type and the message of Python's exception.
import { loadPyodide } from "./pyodide/pyodide.mjs";

const HOME = "/home/pyodide"; // the working directory of Python, where it looks for modules first

async function bytes(path) {
  const response = await fetch(new URL(path, import.meta.url));
  if (!response.ok) {
    throw new Error(`${path}: ${response.status} ${response.statusText}`);
  }
  return response.arrayBuffer();
}

async function startPython() {
  const [python, library, playground] = await Promise.all([
    loadPyodide({ indexURL: new URL("./pyodide/", import.meta.url).href }),
    bytes("./python/scalar_autograd.whl"),
    bytes("./python/playground.zip"),
  ]);
  python.unpackArchive(library, "wheel", { extractDir: HOME });
  python.unpackArchive(playground, "zip", { extractDir: HOME });
  return { python, session: python.pyimport("playground.session").Session() };
}

const started = startPython();

async function answer(ask, given) {
  const { python, session } = await started;
  const method = session[ask];
  try {
    const result = method(...given);
    if (!(result instanceof python.ffi.PyProxy)) {
      return { result };
    }
    const converted = result.toJs({ dict_converter: Object.fromEntries });
    result.destroy();
    return { result: converted };
  } catch (error) {
    if (error instanceof python.ffi.PythonError) {
      const said = python.runPython(
        "import sys, traceback; ''.join(traceback.format_exception_only(sys.last_exc)).strip()",
      );
      return { failure: said };
    }
    throw error;
  } finally {
    method.destroy();
  }
}

self.addEventListener("message", async ({ data: { id, ask, given } }) => {
  try {
    self.postMessage({ id, ...(await answer(ask, given)) });
  } catch (error) {
    self.postMessage({ id, failure: String(error) });
  }
});
