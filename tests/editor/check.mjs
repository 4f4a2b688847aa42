// Proves that the schemas work in editors: starts the YAML language server that editors run, opens documents, and compares
// what it flags, offers and explains with the table of cases. It prints a line per case and exits with 1 if one fails.

import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";

import { casesOf, validFiles } from "./cases.mjs";
import { start } from "./server.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const TIME_LIMIT = 60_000;
/** The pages whose manifests and settings an editor is shown. */
const PAGES = ["manifests", "editor", "plan-and-apply", "reference/settings"];

const project = mkdtempSync(join(tmpdir(), "rosterctl-editor-"));
let server;
let failed = 0;

setTimeout(() => giveUp(`they take longer than ${TIME_LIMIT / 1000} seconds`), TIME_LIMIT);

try {
  cpSync(join(ROOT, "schema"), join(project, "schema"), { recursive: true });
  const named = JSON.parse(readFileSync(join(ROOT, "schema", "users.schema.json"), "utf8"));
  named.$defs.fields.properties.classroom.examples = ["Room A", "Room B"];
  writeFileSync(join(project, "schema", "named.schema.json"), JSON.stringify(named));
  const cases = [...casesOf(page("reference/fields")), ...validFiles(PAGES.map(page).join("\n"), college())];
  server = await start(project, giveUp);
  await checkAll(cases);
} catch (error) {
  giveUp(error.message.split("\n")[0]);
}
end(failed === 0 ? 0 : 1);

async function checkAll(cases) {
  // All are opened before the first answer is awaited: the server waits a while after each change of a document.
  const opened = cases.map(open);
  for (const document of opened) report(document.name, await difference(document));
  report("the server asks for nothing on the network", server.stderr && `it says ${server.stderr.trim()}`);
  report("each kind of case occurs", missingKinds(cases));
  console.log(`${failed} of ${cases.length + 2} checks failed, with version ${server.version} of the server.`);
}

function page(name) {
  return readFileSync(join(ROOT, "docs", `${name}.md`), "utf8");
}

function giveUp(why) {
  report("the checks run to their end", why);
  end(1);
}

function end(code) {
  server?.child.kill();
  rmSync(project, { recursive: true, force: true });
  process.exit(code);
}

function report(name, wrong) {
  if (wrong) failed += 1;
  console.log(wrong ? `FAILED  ${name}: ${wrong}` : `ok      ${name}`);
}

/** The manifests and the project of the example college; only they have a schema. */
function college() {
  const folder = "examples/college";
  const names = readdirSync(join(ROOT, folder), { recursive: true }).filter((name) => name.endsWith(".yaml")).sort();
  return names
    .map((name) => ({ file: `${folder}/${name}`, text: readFileSync(join(ROOT, folder, name), "utf8") }))
    .filter(({ file }) => file !== `${folder}/sandbox.yaml`);
}

/** Opens a document that is on no disk, below a folder of its own level, so that no two cases share an address. */
function open({ file, text, ...row }, number) {
  const { plain, marked, cursor } = unmark(text);
  const path = join(project, file.replace(/[^/]+$/, (name) => `${number}-${name}`));
  const uri = pathToFileURL(path).href;
  server.send({
    method: "textDocument/didOpen",
    params: { textDocument: { uri, languageId: "yaml", version: 1, text: plain } },
  });
  return { ...row, uri, marked, cursor };
}

/** The text without its marks, and the places that they stand for, counted from 0 as the protocol does. */
function unmark(text) {
  const places = { plain: "", marked: [], cursor: undefined };
  let line = 0;
  let character = 0;
  for (const sign of text) {
    const here = { line, character };
    if (sign === "«") places.marked.push({ start: here });
    else if (sign === "»") places.marked.at(-1).end = here;
    else if (sign === "¦") places.cursor = here;
    else {
      places.plain += sign;
      [line, character] = sign === "\n" ? [line + 1, 0] : [line, character + 1];
    }
  }
  return places;
}

/** What differs between what the editor shows and what the case wants, in words; nothing if all is well. */
async function difference(document) {
  const seen = await server.diagnostics(document.uri);
  if (document.flagged) return flaggedOtherwise(document, seen);
  const place = { textDocument: { uri: document.uri }, position: document.cursor };
  if (document.hover) return hoverOtherwise(document, await server.request("textDocument/hover", place));
  const { items } = await server.request("textDocument/completion", place);
  return document.inserts ? insertsOtherwise(document, items) : offersOtherwise(document, items);
}

function flaggedOtherwise({ marked, flagged }, seen) {
  const sorted = [...seen].sort((a, b) => compare(a.range.start, b.range.start));
  const same =
    marked.length === flagged.length &&
    sorted.length === flagged.length &&
    sorted.every(({ range, message }, n) => isDeepStrictEqual(range, marked[n]) && message.includes(flagged[n]));
  if (same) return undefined;
  const wanted = marked.map((range, n) => `${places(range)} ${flagged[n]}`);
  return `wanted ${list(wanted)}; flagged ${list(sorted.map(({ range, message }) => `${places(range)} ${message}`))}`;
}

function offersOtherwise({ offers }, items) {
  const labels = items.map(({ label }) => label);
  const lacking = offers.filter((label) => !labels.includes(label));
  const foreign = labels.filter((label) => !offers.includes(label));
  const twice = labels.length - new Set(labels).size;
  if (lacking.length + foreign.length + twice === 0) return undefined;
  return `not offered: ${list(lacking)}; offered and not wanted: ${list(foreign)}; offered twice: ${twice}`;
}

function insertsOtherwise({ inserts }, items) {
  const typed = new Map(items.map(({ label, insertText }) => [label, insertText]));
  const wrong = Object.entries(inserts).filter(([key, text]) => typed.get(key) !== text);
  return wrong.length ? list(wrong.map(([key]) => `${key} types ${JSON.stringify(typed.get(key))}`)) : undefined;
}

function hoverOtherwise({ hover }, seen) {
  const shown = (seen?.contents.value ?? "").replace(/\\(\W)/g, "$1"); // plain text is escaped to be Markdown
  return shown.includes(hover) ? undefined : `wanted ${JSON.stringify(hover)}; shown ${JSON.stringify(shown)}`;
}

/** A table that has lost its rows, or a page its block, would pass. */
function missingKinds(cases) {
  const kinds = {
    "a diagnostic": ({ flagged }) => flagged?.length,
    "a completion": ({ offers }) => offers?.length,
    "a hover": ({ hover }) => hover,
    "a manifest of the pages": ({ name }) => name.startsWith("manifest 1 of the pages"),
    "a project of the pages": ({ name }) => name.startsWith("project 1 of the pages"),
    "a file of the college": ({ name }) => name.startsWith("examples/college/users/"),
  };
  const missing = Object.keys(kinds).filter((kind) => !cases.some(kinds[kind]));
  return missing.length ? `missing ${list(missing)}` : undefined;
}

function compare(a, b) {
  return a.line - b.line || a.character - b.character;
}

/** A range as editors count it, from 1. */
function places({ start, end }) {
  return `${start.line + 1}:${start.character + 1}-${end.line + 1}:${end.character + 1}`;
}

function list(parts) {
  return parts.length ? parts.join(", ") : "nothing";
}
