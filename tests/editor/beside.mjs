// Proves that `rosterctl lsp` says nothing twice beside the YAML language server, and that nothing is lost: opens the folder of all
// that can be wrong in both. `node tests/editor/beside.mjs PROGRAM`; exits with 1 if a check fails.

import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { start, startRosterctl } from "./server.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const PROGRAM = resolve(process.argv[2] ?? join(ROOT, "target/debug/rosterctl"));
const TIME_LIMIT = 60_000;
const MODELINE = "# yaml-language-server: $schema=../schema/users.schema.json\n";
/** What every reader of YAML says, and what the schema says: rosterctl leaves it to the other server. */
const ELSEWHERE = ["syntax", "duplicate-key"];

const project = mkdtempSync(join(tmpdir(), "rosterctl-beside-"));
const servers = [];
let failed = 0;

setTimeout(() => giveUp(`they take longer than ${TIME_LIMIT / 1000} seconds`), TIME_LIMIT);

try {
  cpSync(join(ROOT, "schema"), join(project, "schema"), { recursive: true });
  cpSync(join(ROOT, "tests/fixtures/broken"), join(project, "users"), { recursive: true });
  writeFileSync(join(project, "rosterctl.yaml"), "organisation: 1\n");
  const names = readdirSync(join(project, "users")).filter((name) => name.endsWith(".yaml"));
  for (const name of names) {
    const path = join(project, "users", name);
    const text = readFileSync(path);
    if (text.toString().startsWith("version https://git-lfs") || name === "latin1.yaml") continue;
    writeFileSync(path, Buffer.concat([Buffer.from(MODELINE), text]));
  }
  const yaml = await start(project, giveUp);
  const own = await startRosterctl(project, giveUp, PROGRAM);
  servers.push(yaml, own);
  const all = everything();
  for (const name of names.filter((name) => !["lfs.yaml", "latin1.yaml"].includes(name))) await compare(name, yaml, own, all);
} catch (error) {
  giveUp(error.message.split("\n")[0]);
}
console.log(`${failed} checks failed.`);
end(failed === 0 ? 0 : 1);

/** Every finding of `validate`, by file: line and code. */
function everything() {
  let said;
  try {
    said = execFileSync(PROGRAM, ["validate", "--format", "json"], { cwd: project, encoding: "utf8" });
  } catch (error) {
    said = error.stdout;
  }
  const findings = JSON.parse(said).findings.map(({ code, places: [{ file, line }] }) => ({ code, file, line }));
  if (findings.length < 100) throw new Error(`validate says only ${findings.length} findings`);
  return findings;
}

async function compare(name, yaml, own, all) {
  const path = join(project, "users", name);
  const uri = pathToFileURL(path).href;
  const text = readFileSync(path, "utf8");
  const textDocument = { uri, languageId: "yaml", version: 1, text };
  for (const server of [yaml, own]) server.send({ method: "textDocument/didOpen", params: { textDocument } });
  const theirs = await yaml.diagnostics(uri);
  await own.request("textDocument/hover", { textDocument: { uri }, position: { line: 0, character: 0 } });
  const ours = await own.diagnostics(uri);
  const twice = ours.filter(({ code }) => ELSEWHERE.includes(code));
  report(`${name}: nothing is said twice`, twice.length > 0 && JSON.stringify(twice));
  const shown = new Set(ours.map(({ range, code }) => `${range.start.line + 1} ${code}`));
  const left = all.filter(({ file, line, code }) => file === `users/${name}` && !shown.has(`${line} ${code}`));
  const lines = theirs.map(({ range }) => [range.start.line + 1, range.end.line + 1]);
  // Where a quote isn't closed, one names its beginning, and the other the end of the text.
  const isShown = ({ line, code }) =>
    ELSEWHERE.includes(code) ? lines.length > 0 : lines.some(([first, last]) => first <= line && line <= last);
  const lost = left.filter((finding) => !isShown(finding));
  report(`${name}: nothing is lost`, lost.length > 0 && lost.map(({ line, code }) => `${line} ${code}`).join(", "));
}

function report(name, wrong) {
  if (wrong) failed += 1;
  console.log(wrong ? `FAILED  ${name}: ${wrong}` : `ok      ${name}`);
}

function giveUp(why) {
  report("the checks run to their end", why);
  end(1);
}

function end(code) {
  for (const { child } of servers) child.kill();
  rmSync(project, { recursive: true, force: true });
  process.exit(code);
}
