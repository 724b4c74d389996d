// Runs Python and the library in a worker, so that the page stays responsive.
//
// The page sends { id, ask, given }: the name of a method of the Session in session.py and its arguments. The answer is
// { id, result }, or { id, failure } with the type and the message of Python's exception. Until Python is there, the
// worker tells how many bytes it has `loaded`, and how often Python has `read` from its files.
import { loadPyodide } from "./pyodide/pyodide.mjs";

const HOME = "/home/pyodide"; // the working directory of Python, where it looks for modules first

const progress = { loaded: 0, read: 0 };
const OFTEN = 50; // milliseconds between two messages about the progress
let told = 0;
let starting = true;

function tellProgress() {
  const now = performance.now();
  if (starting && now - told > OFTEN) {
    told = now;
    self.postMessage(progress);
  }
}

async function countBytes(body) {
  for await (const { length } of body) {
    progress.loaded += length;
    tellProgress();
  }
}

/** Makes the downloads of this worker count. They count in copies: what the browser compiles of an original it keeps for
 * the next visit. */
function countDownloads() {
  const { fetch } = self;
  self.fetch = async (...request) => {
    const response = await fetch(...request);
    countBytes(response.clone().body).catch(() => {}); // who reads the original says what went wrong
    return response;
  };
}

/** Makes Python's reading count, in the file system of Emscripten. */
async function countReads(files) {
  const { read } = files;
  files.read = (...given) => {
    progress.read += 1;
    tellProgress();
    return read.apply(files, given);
  };
}

async function bytes(path) {
  const response = await fetch(new URL(path, import.meta.url));
  if (!response.ok) {
    throw new Error(`${path}: ${response.status} ${response.statusText}`);
  }
  return response.arrayBuffer();
}

async function startPython() {
  countDownloads();
  const [python, library, playground] = await Promise.all([
    loadPyodide({ indexURL: new URL("./pyodide/", import.meta.url).href, fsInit: countReads }),
    bytes("./python/scalar_autograd.whl"),
    bytes("./python/playground.zip"),
  ]);
  python.unpackArchive(library, "wheel", { extractDir: HOME });
  python.unpackArchive(playground, "zip", { extractDir: HOME });
  const session = python.pyimport("playground.session").Session();
  starting = false;
  self.postMessage(progress);
  return { python, session };
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
