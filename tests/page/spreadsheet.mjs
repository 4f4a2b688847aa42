// Opens tables that rosterctl writes in LibreOffice and saves them again: cells stay as they were, and a plan finds nothing to do. It
// prints a line per check and exits with 1 if one fails. Without LibreOffice nothing is checked, and it says so.
// The first argument is the program.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const PROGRAM = resolve(process.argv[2] ?? join(ROOT, "target/debug/rosterctl"));
/** Commas, double quotes, UTF-8. */
const CSV = "Text - txt - csv (StarCalc):44,34,76,1";
const FILTERS = { csv: CSV, ods: "calc8", xlsx: "Calc MS Excel 2007 XML" };

if (spawnSync("soffice", ["--version"]).status !== 0) {
  console.log("LibreOffice isn't there, so no table was opened in it");
  process.exit(0);
}

const scratch = mkdtempSync(join(tmpdir(), "rosterctl-spreadsheet-"));
const profile = pathToFileURL(join(scratch, "profile")).href;
let failed = 0;

function check(name, holds, why = "") {
  failed += holds ? 0 : 1;
  console.log(holds ? `ok      ${name}` : `FAILED  ${name}: ${why}`);
}

function rosterctl(folder, ...args) {
  return execFileSync(PROGRAM, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env.PATH } });
}

/** Opens a table and saves it, as a file of this kind in a folder. */
function saved(file, kind, folder) {
  mkdirSync(folder, { recursive: true });
  execFileSync("soffice", [
    `-env:UserInstallation=${profile}`, "--headless", `--infilter=${CSV}`, "--convert-to", `${kind}:${FILTERS[kind]}`, "--outdir", folder, file,
  ], { stdio: "ignore", timeout: 120_000 });
}

/** The cells of a CSV. */
function cells(file) {
  const text = readFileSync(file, "utf8").replace(/^\ufeff/, "").replaceAll("\r\n", "\n");
  const rows = [];
  let row = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
    if (end === "" && row.length === 0) break;
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ",") {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

try {
  const college = join(scratch, "college");
  cpSync(join(ROOT, "examples/college"), college, { recursive: true });
  rosterctl(college, "plan", "--sandbox", "--csv", "plan.csv");
  saved(join(college, "plan.csv"), "csv", join(scratch, "out"));
  const [ours, theirs] = [join(college, "plan.csv"), join(scratch, "out/plan.csv")].map(cells);
  check("a table of a plan has rows", ours.length > 10 && ours.every((row) => row.length === ours[0].length), JSON.stringify(ours[1]));
  check("its cells stay as they were", JSON.stringify(ours) === JSON.stringify(theirs), JSON.stringify(theirs[1]));

  const exported = join(scratch, "exported");
  mkdirSync(exported);
  for (const file of ["rosterctl.yaml", "sandbox.yaml"]) cpSync(join(ROOT, "examples/college", file), join(exported, file));
  execFileSync("git", ["init", "-q", exported]);
  writeFileSync(join(exported, ".gitignore"), "private/\n.rosterctl/\n");
  rosterctl(exported, "export", "--sandbox", "--overlay", "private/personal.csv", "--reveal", "special");
  const manifest = join(exported, "users/personal.yaml");
  const declared = readFileSync(manifest, "utf8");
  for (const kind of Object.keys(FILTERS)) {
    saved(join(exported, "private/personal.csv"), kind, join(exported, "private/saved"));
    writeFileSync(manifest, declared.replace("private/personal.csv", `private/saved/personal.${kind}`));
    const plan = rosterctl(exported, "plan", "--sandbox");
    check(`an exported overlay saved as .${kind} changes nothing`, plan.includes("No changes"), plan);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);
