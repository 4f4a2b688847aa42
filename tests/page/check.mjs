// Checks the pages that rosterctl writes, in the browser that people have: valid HTML, no barrier that axe-core knows, light and dark,
// wide and narrow, the browser's own search, and A4. It prints a line per check and exits with 1 if one fails.
// The first argument is the program; PICTURES may name a folder for screenshots.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const PROGRAM = resolve(process.argv[2] ?? join(ROOT, "target/debug/rosterctl"));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PICTURES = process.env.PICTURES;
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync",
];
const SIZES = [1280, 390];
const SCHEMES = ["light", "dark"];

const scratch = mkdtempSync(join(tmpdir(), "rosterctl-page-"));
let failed = 0;

function check(name, holds, why = "") {
  failed += holds ? 0 : 1;
  console.log(holds ? `ok      ${name}` : `FAILED  ${name}: ${why}`);
}

/** Runs the program in a folder, and says nothing of it unless it fails. */
function rosterctl(folder, ...args) {
  execFileSync(PROGRAM, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"], env: { PATH: process.env.PATH } });
}

/** A copy of the example college, in which people leave, change assessor and wait for a decision. */
function busyCollege() {
  const folder = join(scratch, "busy");
  cpSync(join(ROOT, "examples/college"), folder, { recursive: true });
  const edit = (file, ...edits) => {
    const path = join(folder, file);
    let text = readFileSync(path, "utf8");
    for (const [from, to] of edits) {
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
      text = text.replace(from, to);
    }
    writeFileSync(path, text);
  };
  const after = (misId, line) => [`  - misId: ${misId}\n`, `  - misId: ${misId}\n    ${line}\n`];
  edit(
    "users/learners/business.yaml",
    after("L-0001", "defaultAssessor: A-003"),
    after("L-0002", "defaultAssessor: A-003"),
    after("L-0005", "placement: Nowhere Ltd"),
    [/  - misId: L-0009\n(?:    .*\n)+/.exec(readFileSync(join(folder, "users/learners/business.yaml"), "utf8"))[0], "  - misId: L-0009\n    archived: true\n"],
  );
  edit("users/learners/health.yaml", after("L-0101", "classroom: Nowhere L9"), after("L-0102", "classroom: Nowhere L9"), after("L-0103", "classroom: Nowhere L9"));
  writeFileSync(join(folder, "rosterctl.yaml"), "organisation: 5740\ntarget: sandbox\npolicy: { archives: allowed, maxUpdates: 3 }\n");
  return folder;
}

/** Names that a page must survive, and a college that has many people. */
function hostileCollege() {
  const folder = join(scratch, "hostile");
  mkdirSync(join(folder, "users"), { recursive: true });
  const names = ["<script>document.title = 'broken'</script>", "\u05d0\u05d1\u05d2 \u0645\u062d\u0645\u062f", "x".repeat(300), "</td></tr></table><h1>", "\\\" onfocus=\\\"1"];
  const user = (name, at) => `  - { misId: "H${at}", role: learner, firstName: "${name}", lastName: "${name}", email: h${at}@example.ac.uk, classroom: C, placement: P, defaultAssessor: A-1, episodeName: "${name}" }\n`;
  writeFileSync(join(folder, "users/a.yaml"), `users:\n${names.map(user).join("")}`);
  writeFileSync(join(folder, "rosterctl.yaml"), "organisation: 5740\ntarget: sandbox\nseverity: { look-alike: ignore }\n");
  writeFileSync(
    join(folder, "sandbox.yaml"),
    "organisations:\n  - { ID: 5740, Name: \"<b>College\" }\nclassrooms:\n  - { ID: 1, OrganisationID: 5740, Name: C }\nplacements:\n  - { ID: 1, OrganisationID: 5740, Name: P }\n" +
      "users:\n  - { ID: 9, OrganisationID: 5740, Role: 5, MISID: A-1, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk }\n",
  );
  return folder;
}

/** Nights of half a year, so that the chart has something to draw. */
function nights(folder) {
  const journal = join(folder, "journal");
  mkdirSync(journal);
  const lines = [];
  for (let day = 0; day < 200; day += 1) {
    const at = new Date(Date.UTC(2026, 4, 1 + day, 2, 17)).toISOString();
    lines.push(JSON.stringify({ at, target: "sandbox", organisation: 5740, updates: day % 23, creates: day % 7, held: day % 3 }));
  }
  writeFileSync(join(journal, "checked.jsonl"), lines.join("\n"));
}

function pages() {
  const busy = busyCollege();
  const hostile = hostileCollege();
  nights(busy);
  rosterctl(busy, "plan", "--html", "page.html");
  rosterctl(busy, "plan", "--html", "names.html", "--reveal", "personal", "--by", "assessor");
  rosterctl(busy, "history", "--html", "history.html", "--journal", "journal");
  rosterctl(hostile, "plan", "--html", "page.html", "--reveal", "personal");
  return {
    "the plan": join(busy, "page.html"),
    "the plan with names": join(busy, "names.html"),
    "the history": join(busy, "history.html"),
    "the plan with hostile names": join(hostile, "page.html"),
  };
}

async function valid(name, file) {
  // Rows of tables leave out the end tags that HTML doesn't need.
  const validator = new HtmlValidate({ extends: ["html-validate:recommended"], rules: { "no-implicit-close": "off" } });
  const report = await validator.validateFile(file);
  const messages = report.results.flatMap((result) => result.messages).map((one) => `${one.line}:${one.column} ${one.message}`);
  check(`${name} is valid`, report.valid, messages.slice(0, 5).join("; "));
}

/** What axe-core finds, in words. */
const barriers = (page) =>
  page.evaluate(`${AXE}; axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html.slice(0, 200)).join("; "))`);

async function looked(browser, name, file) {
  const requests = [];
  for (const width of SIZES) {
    for (const colorScheme of SCHEMES) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
      const page = await context.newPage();
      page.on("request", (request) => requests.push(request.url()));
      await page.goto(pathToFileURL(file).href);
      const found = await barriers(page);
      check(`${name} has no barrier at ${width} pixels, ${colorScheme}`, found === "", found);
      const wide = await page.evaluate("document.documentElement.scrollWidth");
      check(`${name} fits into ${width} pixels, ${colorScheme}`, wide <= width, `${wide} pixels`);
      if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name.replaceAll(" ", "-")}-${width}-${colorScheme}.png`), fullPage: true });
      await context.close();
    }
  }
  check(`${name} loads nothing`, requests.every((url) => url === pathToFileURL(file).href), requests.join(" "));
}

/** A sheet is 210 mm by 297 mm, which are 595 by 842 points. */
async function printed(browser, name, file) {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(file).href);
  const pdf = await page.pdf({ preferCSSPageSize: true, path: PICTURES && join(PICTURES, `${name.replaceAll(" ", "-")}.pdf`) });
  const boxes = [...pdf.toString("latin1").matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)];
  const isA4 = ([, width, height]) => Math.abs(width - 595) < 2 && Math.abs(height - 842) < 2;
  check(`${name} prints on A4`, boxes.length > 0 && boxes.every(isA4), boxes.map(([box]) => box).join(" "));
  await page.close();
}

/** The search of the browser, for a row that is far below. */
async function searched(browser, file) {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(file).href);
  for (const text of ["L-0117", "Nowhere L9", "question 2"]) {
    await page.evaluate("getSelection().removeAllRanges()");
    check(`the search of the browser finds ${text}`, await page.evaluate(`window.find(${JSON.stringify(text)})`));
  }
  check("and doesn't find what isn't there", !(await page.evaluate("getSelection().removeAllRanges(), window.find('L-7777')")));
  await page.close();
}

async function untouched(browser, file) {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(file).href);
  check("no script of a name runs", (await page.title()).startsWith("Plan for <b>College"), await page.title());
  check("no name is markup", (await page.locator("h1, script").count()) === 1);
  check("a name is shown as it is", (await page.getByText("<script>document.title", { exact: false }).count()) > 0);
  await page.close();
}

try {
  const files = pages();
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
  for (const [name, file] of Object.entries(files)) {
    await valid(name, file);
    await looked(browser, name, file);
    await printed(browser, name, file);
  }
  await searched(browser, files["the plan"]);
  await untouched(browser, files["the plan with hostile names"]);
  await browser.close();
} catch (error) {
  check("the checks run to their end", false, error.stack);
}
rmSync(scratch, { recursive: true, force: true });
process.exitCode = failed === 0 ? 0 : 1;
