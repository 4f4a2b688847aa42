// As much of GitHub and of GitLab as the workflows of examples/ci talk to, with its state in a file, so that each call of
// the stand-ins for `gh` and `curl` finds what the one before has left.

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.env.FORGE;
const file = join(folder, "state.json");

/** The state, for whoever plays the part of a person there. */
export function state() {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { next: 1, comments: [], issues: [], pulls: [], requests: [], commits: [], runs: [], artifacts: [], deployments: [], caches: [], nights: [] };
}

export function change(edit) {
  const now = state();
  const answer = edit(now);
  writeFileSync(file, JSON.stringify(now, null, 1));
  return answer;
}

/** The time there: a second goes by whenever somebody looks. */
export function clock() {
  const seconds = change((now) => (now.seconds = (now.seconds ?? 0) + 1));
  return new Date(Date.UTC(2026, 8, 1, 0, 0, seconds)).toISOString().replace(".000", "");
}

/** Where the files of an artifact are. */
export function store(id) {
  return join(folder, `artifact-${id}`);
}

const GITHUB = [
  ["GET", /^repos\/college\/roster\/actions\/artifacts$/, (now, _, query) => ({ artifacts: now.artifacts.filter((one) => [null, one.name].includes(query.get("name"))).reverse() })],
  ["GET", /^repos\/college\/roster\/actions\/artifacts\/(\d+)\/zip$/, (_, [id]) => ({ file: zipped(id) })],
  ["GET", /^repos\/college\/roster\/actions\/runs\/(\d+)$/, (now, [id]) => find(now.runs, "id", id)],
  ["GET", /^repos\/college\/roster\/git\/ref\/heads\/([\w-]+)$/, (now, [branch]) => ({ object: { sha: git(now, "rev-parse", "--verify", "--quiet", `refs/heads/${branch}`) } })],
  ["POST", /^repos\/college\/roster\/git\/refs$/, (now, _, __, { ref, sha }) => void git(now, "update-ref", ref, sha, "")],
  ["PATCH", /^repos\/college\/roster\/git\/refs\/heads\/([\w-]+)$/, (now, [branch], _, { sha }) => void git(now, "update-ref", `refs/heads/${branch}`, sha)],
  ["PUT", /^repos\/college\/roster\/contents\/(.+)$/, (now, [path], _, body) => void now.commits.push({ ...body, files: { [decodeURIComponent(path)]: plain(body.content) } })],
  ["GET", /^repos\/college\/roster\/pulls$/, (now, _, query) => now.requests.filter((one) => one.state === query.get("state") && `college:${one.head}` === query.get("head"))],
  ["POST", /^repos\/college\/roster\/pulls$/, (now, _, __, body) => void now.requests.push({ number: now.next++, state: "open", ...body })],
  ["PATCH", /^repos\/college\/roster\/pulls\/(\d+)$/, (now, [number], _, body) => void Object.assign(find(now.requests, "number", number), body)],
  ["GET", /^repos\/college\/roster\/compare\/(\w+)\.\.\.(\w+)$/, (now, [base, head]) => ({ status: compared(git(now, "merge-base", base, head), base, head) })],
  ["GET", /^repos\/college\/roster\/commits\/(\w+)\/pulls$/, (now, [sha]) => now.pulls.filter((pull) => pull.merge_commit_sha === sha)],
  ["GET", /^repos\/college\/roster\/pulls\/(\d+)$/, (now, [number]) => now.pulls.find((pull) => pull.number === Number(number))],
  ["GET", /^repos\/college\/roster\/issues\/\d+\/comments$/, (now) => now.comments],
  ["POST", /^repos\/college\/roster\/issues\/\d+\/comments$/, (now, _, __, body) => void now.comments.push({ id: now.next++, user: { login: "github-actions[bot]" }, ...body })],
  ["PATCH", /^repos\/college\/roster\/issues\/comments\/(\d+)$/, (now, [id], _, body) => void Object.assign(find(now.comments, "id", id), body)],
  ["GET", /^repos\/college\/roster\/issues$/, (now, _, query) => now.issues.filter((issue) => issue.state === query.get("state") && issue.labels.includes(query.get("labels"))).reverse()],
  ["POST", /^repos\/college\/roster\/issues$/, (now, _, __, body) => void now.issues.push({ number: now.next++, state: "open", ...body })],
  ["PATCH", /^repos\/college\/roster\/issues\/(\d+)$/, (now, [number], _, body) => void Object.assign(find(now.issues, "number", number), body)],
];

const GITLAB = [
  ["GET", /^projects\/7\/deployments$/, (now) => now.deployments.slice().reverse()],
  ["GET", /^projects\/7\/jobs\/(\d+)\/artifacts$/, (now, [job]) => (now.away ? { file: undefined, status: "500" } : { file: now.artifacts.some((one) => one.job === Number(job) && one.name === "journal") && `${store(job)}.zip` })],
  ["GET", /^projects\/7\/jobs\/(\d+)\/artifacts\/plan.json$/, (_, [job]) => ({ file: join(store(job), "plan.json") })],
  ["GET", /^projects\/7\/jobs\/(\d+)\/artifacts\/(journal\/(?:readings.bin|checked.jsonl))$/, (now, [job, path]) => ({ file: now.artifacts.some((one) => one.job === Number(job) && one.name === path) && join(store(job), path) })],
  ["GET", /^projects\/7\/pipelines$/, (now, _, query) => (now.away ? fail("curl: 500") : now.nights.filter((one) => one.ref === query.get("ref") && query.get("source") === "schedule").reverse())],
  ["GET", /^projects\/7\/jobs\/(\d+)$/, (now, [job]) => ({ failure_reason: now.deployments.find((one) => one.deployable.id === Number(job))?.failure_reason ?? null })],
  ["GET", /^user$/, () => ({ id: 4 })],
  ["GET", /^projects\/7\/merge_requests\/(\d+)$/, (now, [iid]) => mergeRequest(find(now.pulls, "number", iid))],
  ["GET", /^projects\/7\/repository\/commits\/(\w+)\/merge_requests$/, (now, [sha]) => now.pulls.filter((pull) => pull.merge_commit_sha === sha).map(mergeRequest)],
  ["GET", /^projects\/7\/merge_requests\/\d+\/pipelines$/, (now) => now.runs.slice().reverse().map((run) => ({ id: run.id, project_id: run.project_id ?? 7, source: "merge_request_event", sha: run.head_sha }))],
  ["GET", /^projects\/7\/pipelines\/(\d+)\/jobs$/, (now, [id], query) => (now.nights.find((one) => one.id === Number(id))?.jobs ?? planJobs(find(now.runs, "id", id))).filter((job) => [null, job.status].includes(query.get("scope"))).filter((job) => !job.retried || query.get("include_retried") === "true")],
  ["GET", /^projects\/7\/merge_requests\/\d+\/notes$/, (now, _, query) => page(now.comments, query)],
  ["POST", /^projects\/7\/merge_requests\/\d+\/notes$/, (now, _, __, body) => void now.comments.push({ id: now.next++, author: { id: 4 }, ...body })],
  ["PUT", /^projects\/7\/merge_requests\/\d+\/notes\/(\d+)$/, (now, [id], _, body) => (now.away ? fail("curl: 500") : void Object.assign(find(now.comments, "id", id), body))],
  ["GET", /^projects\/7\/merge_requests$/, (now, _, query) => now.requests.filter((one) => one.state === query.get("state") && one.source_branch === query.get("source_branch"))],
  ["POST", /^projects\/7\/merge_requests$/, (now, _, __, body) => void now.requests.push({ iid: now.next++, state: "opened", ...body, body: body.description })],
  ["PUT", /^projects\/7\/merge_requests\/(\d+)$/, (now, [iid], _, body) => {
    const request = find(now.requests, "iid", iid);
    Object.assign(request, { body: body.description ?? request.body, state: body.state_event === "close" ? "closed" : request.state });
  }],
  ["POST", /^projects\/7\/repository\/commits$/, (now, _, __, body) => void now.commits.push({ ...body, files: Object.fromEntries(body.actions.map((one) => [one.file_path, plain(one.content)])) })],
  ["GET", /^projects\/7\/issues$/, (now, _, query) => now.issues.filter((issue) => issue.state === query.get("state") && issue.labels.includes(query.get("labels")))],
  ["POST", /^projects\/7\/issues$/, (now, _, __, body) => void now.issues.push({ iid: now.next++, state: "opened", ...body, body: body.description })],
  ["PUT", /^projects\/7\/issues\/(\d+)$/, (now, [iid], _, body) => {
    const issue = find(now.issues, "iid", iid);
    Object.assign(issue, { body: body.description ?? issue.body, state: body.state_event === "close" ? "closed" : issue.state });
  }],
];

function plain(base64) {
  return Buffer.from(base64, "base64").toString("utf8");
}

function page(rows, query) {
  const [number, size] = [Number(query.get("page") ?? 1), Number(query.get("per_page") ?? 20)];
  return rows.slice((number - 1) * size, number * size);
}

function mergeRequest(pull) {
  return { iid: pull.number, state: pull.merged ? "merged" : "opened", merged_at: pull.merged_at, target_branch: pull.base.ref, sha: pull.head.sha };
}

/** The job `plan` of a pipeline, after the earlier ones of it. */
function planJobs(run) {
  if (run.project_id) fail("curl: 404");
  const plan = (job) => ({ id: run.id, name: "plan", status: run.status, finished_at: run.finished_at, ...job });
  return [plan({}), ...(run.retried ?? []).map((job) => plan({ ...job, retried: true }))];
}

/** What git says in the repository that the forge keeps; a commit that isn't there is nowhere. */
function git(now, ...args) {
  const done = spawnSync("git", args, { cwd: now.origin, encoding: "utf8" });
  return done.status === 0 ? done.stdout.trim() : fail("gh: Not Found (HTTP 404)");
}

/** Where a head is, seen from a base. */
function compared(both, base, head) {
  if (both === head) return base === head ? "identical" : "behind";
  return both === base ? "ahead" : "diverged";
}

function zipped(id) {
  spawnSync("python3", ["-m", "zipfile", "-c", `${store(id)}.zip`, "."], { cwd: store(id) });
  return `${store(id)}.zip`;
}

function find(rows, key, value) {
  return rows.find((row) => row[key] === Number(value)) ?? fail(`no ${key} ${value}`);
}

function fail(words) {
  process.stderr.write(`${words}\n`);
  process.exit(22);
}

function request(routes, method, address, body) {
  const [path, query] = address.split("?");
  const route = routes.find(([verb, pattern]) => verb === method && pattern.test(path));
  const [, pattern, answer] = route ?? fail(`nothing answers ${method} ${address}`);
  return change((now) => answer(now, pattern.exec(path).slice(1), new URLSearchParams(query), body));
}

function field(text, body) {
  const [name, value] = [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)];
  const list = name.endsWith("[]");
  body[list ? name.slice(0, -2) : name] = list ? [value] : value.startsWith("@") ? readFileSync(value.slice(1), "utf8") : value;
}

function gh(args) {
  process.env.GH_TOKEN || fail("gh: no token");
  if (args[0] === "run" && args[1] === "download") {
    const flag = (name) => args[args.indexOf(name) + 1];
    const artifact = state().artifacts.findLast((one) => one.run === Number(args[2]) && one.name === flag("--name")) ?? fail("no such artifact");
    cpSync(store(artifact.id), args.includes("--dir") ? flag("--dir") : ".", { recursive: true });
    return;
  }
  const [body, rest] = [{}, args.slice(1)];
  let [method, jq, silent, path] = ["GET", undefined, false, undefined];
  while (rest.length > 0) {
    const arg = rest.shift();
    if (arg === "--method") method = rest.shift();
    else if (arg === "--jq") jq = rest.shift();
    else if (arg === "--field") field(rest.shift(), body);
    else if (arg === "--raw-field") field(rest.shift().replace("=@", "= @"), body);
    else if (arg === "--silent") silent = true;
    else if (arg !== "--paginate") path = arg;
  }
  const answer = request(GITHUB, method, path, body);
  if (silent) return;
  if (answer?.file) return void process.stdout.write(readFileSync(answer.file));
  const text = JSON.stringify(answer ?? null);
  process.stdout.write(jq ? spawnSync("jq", ["-r", jq], { input: text, encoding: "utf8" }).stdout : text);
}

function curl(args) {
  const rest = args.slice();
  let body = {};
  let [method, output, status, url, bearer] = ["GET", undefined, undefined, undefined, false];
  while (rest.length > 0) {
    const arg = rest.shift();
    if (arg === "--request") method = rest.shift();
    else if (arg === "--output") output = rest.shift();
    else if (arg === "--write-out") status = rest.shift();
    else if (arg === "--header") bearer = rest.shift() === "Authorization: Bearer api-token";
    else if (arg === "--json") [method, body] = ["POST", JSON.parse(readFileSync(rest.shift().slice(1), "utf8"))];
    else if (arg === "--data-urlencode") field(rest.shift().replace(/^(\w+)@/, "$1=@"), body);
    else if (!arg.startsWith("--")) url = arg;
  }
  bearer || fail("curl: no token");
  const answer = request(GITLAB, method, url.replace("https://git.example.ac.uk/api/v4/", ""), body) ?? {};
  const missing = "file" in answer && !(answer.file && existsSync(answer.file));
  if (missing && args.includes("--fail")) fail("curl: 404");
  if ("file" in answer && !missing) cpSync(answer.file, output);
  else if (!("file" in answer) && output !== "/dev/null") process.stdout.write(JSON.stringify(answer));
  if (status) process.stdout.write(missing ? answer.status ?? "404" : "200");
}

const stands = { gh, curl }[process.argv[2]];
if (stands) stands(process.argv.slice(3));
