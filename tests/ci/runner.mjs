// Runs the jobs of examples/ci as GitHub and GitLab would, as far as they use them: steps in order, each by bash, conditions,
// expressions, local actions, artifacts.

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse } from "yaml";

import { change, clock, state, store, zipped } from "./forge.mjs";

const scratch = mkdtempSync(join(tmpdir(), "rosterctl-ci-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));

/** A folder that goes with this process. */
export function temporary() {
  return mkdtempSync(join(scratch, "of-"));
}

export function git(folder, ...args) {
  const identity = ["-c", "user.name=A", "-c", "user.email=a@example.ac.uk", "-c", "init.defaultBranch=main"];
  const done = spawnSync("git", [...identity, ...args], { cwd: folder, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`git ${args.join(" ")}: ${done.stderr}`);
  return done.stdout.trim();
}

/** Runs a shell text, and adds what it says to the log: as the two streams come, of which neither waits for the other. */
function bash(text, flags, folder, env, log) {
  const done = spawnSync("bash", [...flags, "-c", text], { cwd: folder, env, encoding: "utf8", timeout: 120_000 });
  log.push(done.stdout + done.stderr);
  return done.status ?? 1;
}

/** The lines of a step's log that GitHub would carry out, but for annotations; and a stop that doesn't end where it could. */
function commands(text, replaced) {
  let stopped;
  const carried = text.split("\n").filter((line) => {
    const [, name, value] = /^\s*::([\w-]+)[^:]*::(.*)$/.exec(line) ?? /##\[([\w-]+)[^\]]*\](.*)$/.exec(line) ?? [];
    if (stopped !== undefined) {
      stopped = name === stopped ? undefined : stopped;
      return false;
    }
    stopped = name === "stop-commands" ? value : undefined;
    return name && !["stop-commands", "error", "warning", "notice"].includes(name);
  });
  return stopped === undefined || replaced ? carried : [...carried, "stopped for good"];
}

/** `${{ … }}` by its value. */
function filled(text, context) {
  return String(text).replace(/\$\{\{(.*?)\}\}/gs, (_, expression) => String(value(expression, context) ?? ""));
}

function value(expression, context) {
  const names = /'[^']*'|[a-zA-Z_][\w-]*(?:\.[\w-]+)*(?!\()\b(?!\()/g;
  const looked = expression.replace(names, (name) => {
    if (name.startsWith("'")) return name;
    const found = name.split(".").reduce((from, key) => from?.[key], context);
    return JSON.stringify(found ?? null);
  });
  const call = new Function("always", "cancelled", "format", "hashFiles", `return ${looked};`);
  const there = (pattern) => (existsSync(join(context.folder, pattern.replace(/\/\*$/, ""))) ? "abc" : "");
  return call(() => true, () => false, (text, ...values) => text.replace(/\{(\d)\}/g, (_, at) => values[at]), there);
}

/** A job of a workflow, for the first project of its matrix or the one that is asked for: its log, its outcome, its summary;
 * `skipped` where its condition doesn't hold. */
export function github(workflow, job, context, env, origin) {
  const { [job]: { steps, ...rest } } = parse(readFileSync(join(workflow), "utf8")).jobs;
  const matrix = rest.strategy.matrix.include.find((one) => [undefined, one.project].includes(context.project));
  const environment = filled(rest.environment ?? "", { matrix });
  const github = { repository: "college/roster", token: "gh-token", ref: "refs/heads/main", ref_name: "main", run_id: context.run, run_attempt: 1, ...context.github };
  // Secrets belong to environments, and which may be used is for their rules to say.
  const secrets = context.secrets[environment] ?? {};
  const here = { ...context, github, matrix, secrets, runner: { os: "Linux" }, steps: {} };
  if (rest.if && !value(rest.if.replace(/^\$\{\{|\}\}$/g, ""), here)) return { outcome: "skipped", log: "", commands: [] };
  const [folder, aside] = [temporary(), temporary()];
  here.folder = folder;
  const own = Object.fromEntries(Object.entries(rest.env ?? {}).map(([name, text]) => [name, filled(text, here)]));
  const run = { folder, aside, origin, env: { ...env, ...own }, log: [], commands: [], failed: false, run: context.run, summary: join(aside, "summary.md") };
  writeFileSync(run.summary, "");
  for (const step of steps) githubStep(step, here, run);
  return { outcome: run.failed ? "failure" : "success", log: run.log.join(""), commands: run.commands, summary: readFileSync(run.summary, "utf8") };
}

function githubStep(step, context, run) {
  const condition = step.if === undefined ? !run.failed : holds(step.if, context, run);
  const note = (outcome) => step.id && (context.steps[step.id] = { outcome, outputs: context.steps[step.id]?.outputs ?? {} });
  if (!condition) return void note("skipped");
  const status = step.uses ? use(step, context, run) : shell(step, context, run);
  run.failed ||= status !== 0;
  note(status === 0 ? "success" : "failure");
}

/** A condition without `always()` and the like holds only while nothing has failed. */
function holds(condition, context, run) {
  const goesOn = /always\(|cancelled\(/.test(condition) || !run.failed;
  return goesOn && value(String(condition).replace(/^\$\{\{|\}\}$/g, ""), context);
}

function shell(step, context, run) {
  const output = join(run.aside, "output");
  writeFileSync(output, "");
  const own = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, text]) => [name, filled(text, context)]));
  const { repository, sha } = context.github;
  const env = { ...run.env, GITHUB_REPOSITORY: repository, GITHUB_SHA: sha, RUNNER_TEMP: run.aside, GITHUB_STEP_SUMMARY: run.summary, GITHUB_OUTPUT: output, ...own };
  // An explicit `bash` minds pipes, the default one doesn't.
  const flags = step.shell === "bash" ? ["--noprofile", "--norc", "-eo", "pipefail"] : ["-e"];
  const status = bash(filled(step.run, context), flags, run.folder, env, run.log);
  run.commands.push(...commands(run.log.at(-1), /^exec /m.test(step.run)));
  const lines = readFileSync(output, "utf8").split("\n").filter(Boolean).map((line) => line.split("="));
  if (step.id) context.steps[step.id] = { outputs: Object.fromEntries(lines) };
  return status;
}

function use(step, context, run) {
  const inputs = Object.fromEntries(Object.entries(step.with ?? {}).map(([name, text]) => [name, filled(text, context)]));
  const [name] = step.uses.split("@");
  switch (name) {
    case "actions/checkout":
      git(run.folder, "clone", "-q", ...(inputs["fetch-depth"] === "0" ? [] : ["--depth=1"]), `file://${run.origin}`, ".");
      git(run.folder, "fetch", "-q", "origin", context.github.sha);
      git(run.folder, "checkout", "-q", inputs.ref ? `origin/${inputs.ref}` : context.github.sha);
      return 0;
    case "actions/cache":
      context.steps[step.id] = { outputs: { "cache-hit": "" } };
      return 0;
    case "actions/cache/restore":
      return restore(inputs, run);
    case "actions/cache/save":
      return save(inputs, run);
    case "actions/upload-artifact":
      return upload(inputs, context, run);
    default: {
      const action = parse(readFileSync(join(run.folder, name, "action.yml"), "utf8"));
      const defaults = Object.fromEntries(Object.entries(action.inputs ?? {}).map(([key, input]) => [key, input.default]));
      const inner = { ...context, inputs: { ...defaults, ...inputs }, steps: {} };
      for (const one of action.runs.steps) githubStep(one, inner, run);
      return run.failed ? 1 : 0;
    }
  }
}

/** A cache is found by its whole key, or by what its key begins with; then the newest is. */
function restore(inputs, run) {
  const { caches } = state();
  const found = caches.findLast((one) => one.key === inputs.key) ?? caches.findLast((one) => one.key.startsWith(inputs["restore-keys"]));
  if (found) cpSync(store(found.id), join(run.folder, inputs.path), { recursive: true });
  return 0;
}

function save(inputs, run) {
  change((now) => {
    const id = now.next++;
    cpSync(join(run.folder, inputs.path), store(id), { recursive: true });
    now.caches.push({ id, key: inputs.key });
  });
  return 0;
}

function upload(inputs, context, run) {
  const from = join(run.folder, inputs.path);
  if (!existsSync(from)) return 0;
  const created_at = clock();
  change((now) => {
    const id = now.next++;
    const branch = { head_branch: context.github.head_branch ?? "main", head_sha: context.github.head_sha ?? context.github.sha, id: run.run };
    now.artifacts.push({ id, run: run.run, name: inputs.name, created_at, expired: false, workflow_run: branch });
    const directory = existsSync(join(from, "journal.jsonl")) || inputs.path === "journal";
    mkdirSync(store(id), { recursive: true });
    cpSync(from, directory ? store(id) : join(store(id), inputs.path), { recursive: true });
  });
  return 0;
}

/** The file, with what `!reference` names as a mapping. */
export function gitlabFile(file) {
  return parse(readFileSync(file, "utf8").replace(/!reference (\[.*?\])/g, "{ reference: $1 }"));
}

/** All that a job runs, in one shell. */
export function scriptOf(all, job) {
  const referred = (line) => (line.reference ? all[line.reference[0]][line.reference[1]].flatMap(referred) : [line]);
  return [job.before_script, job.script].flat().flatMap(referred).join("\n");
}

/** A job of `.gitlab-ci.yml`. */
export function gitlab(file, name, variables, env, origin) {
  const all = gitlabFile(file);
  const job = inherited(all, name);
  const folder = temporary();
  const script = scriptOf(all, job);
  const log = [];
  const fixed = { CI_DEFAULT_BRANCH: "main", CI_PROJECT_ID: "7", CI_API_V4_URL: "https://git.example.ac.uk/api/v4" };
  const plain = Object.fromEntries(Object.entries({ ...all.variables, ...job.variables }).map(([key, entry]) => [key, entry.value ?? entry]));
  const own = { ...env, ...plain, ...fixed, ...variables };
  if (!rules(all.workflow.rules, own) || !rules(job.rules, own)) return { outcome: "skipped", log: "" };
  git(folder, "clone", "-q", origin, ".");
  git(folder, "checkout", "-q", variables.CI_COMMIT_SHA);
  const status = bash(script, ["-eo", "pipefail"], folder, own, log);
  keep(job, name, folder, status, variables);
  return { outcome: status === 0 ? "success" : "failure", log: log.join("") };
}

/** Whether the first rule that holds lets a job run. */
function rules(rules, variables) {
  const holds = (condition) => {
    const looked = condition.replace(/\$(\w+)/g, (_, name) => JSON.stringify(variables[name] ?? null)).replaceAll(" == ", " === ");
    return new Function(`return ${looked};`)();
  };
  const first = rules.find((rule) => holds(rule.if));
  return first !== undefined && first.when !== "never";
}

/** The artifacts of a job, and its deployment. */
function keep(job, name, folder, status, variables) {
  const id = Number(variables.CI_JOB_ID);
  const kept = status === 0 || job.artifacts?.when === "always" ? (job.artifacts?.paths ?? []) : [];
  for (const path of kept.filter((path) => existsSync(join(folder, path)))) {
    cpSync(join(folder, path), join(store(id), path), { recursive: true });
    change((now) => now.artifacts.push({ job: id, name: path }));
    zipped(id);
  }
  if (variables.CI_PIPELINE_SOURCE === "schedule") {
    change((now) => now.nights.push({ id, ref: variables.CI_COMMIT_BRANCH, jobs: [{ id, name, status: status === 0 ? "success" : "failed", tag: false }] }));
  }
  if (job.environment === "onefile") {
    const failure_reason = status === 0 ? null : "script_failure";
    change((now) => now.deployments.push({ ref: variables.CI_COMMIT_BRANCH, failure_reason, deployable: { id, name, tag: false, started_at: "2026-09-01" } }));
  }
}

export function inherited(all, name) {
  const { extends: parent, ...own } = all[name];
  return parent ? { ...inherited(all, parent), ...own } : own;
}
