// A language server as a child process, spoken to over stdio as an editor does: the YAML language server, or rosterctl. It knows
// the protocol and nothing of schemas.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const SETTINGS = {
  yaml: {
    validate: true,
    completion: true,
    hover: true,
    schemaStore: { enable: false },
    kubernetesCRDStore: { enable: false },
  },
};

const CAPABILITIES = {
  workspace: { configuration: true, workspaceFolders: true },
  textDocument: {
    completion: { completionItem: { snippetSupport: true, documentationFormat: ["markdown", "plaintext"] } },
    hover: { contentFormat: ["markdown", "plaintext"] },
    publishDiagnostics: {},
  },
};

// An attempt to use the network is refused, and said where a check sees it.
const NO_NETWORK = `
  import { Socket } from "node:net";
  Socket.prototype.connect = () => { process.stderr.write("network\\n"); throw new Error("no network"); };
`;

/** Starts the YAML language server on a folder, and returns once it has asked for its settings; `ended` hears why it stops. */
export async function start(folder, ended) {
  const server = await introduce(folder, ended, [process.execPath, "--import", dataUrl(NO_NETWORK), program(), "--stdio"]);
  await server.settled;
  return server;
}

/** Starts `rosterctl lsp` on a folder, beside the YAML language server. */
export function startRosterctl(folder, ended, rosterctl) {
  return introduce(folder, ended, [rosterctl, "lsp"], { schemaFindings: false });
}

async function introduce(folder, ended, [command, ...args], initializationOptions) {
  const child = spawn(command, args);
  const awaited = new Map();
  const published = new Map();
  const server = { child, stderr: "", version: "", send, request, diagnostics, settled: undefined };
  let configured;
  server.settled = new Promise((resolve) => (configured = resolve));
  let ids = 0;

  child.stderr.on("data", (text) => (server.stderr += text));
  child.stdin.on("error", () => {}); // its exit says more
  readFrames(child.stdout, receive);
  child.on("exit", (code) => ended(`the server has ended with ${code}: ${server.stderr.trim()}`));

  function send(message) {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  function request(method, params) {
    const id = ++ids;
    send({ id, method, params });
    return new Promise((resolve, reject) => awaited.set(id, { resolve, reject }));
  }

  /** The diagnostics of a document, as soon as there are any to know, be it none. */
  function diagnostics(uri) {
    return entry(published, uri).promise;
  }

  function receive(message) {
    if (message.method === "workspace/configuration") {
      send({ id: message.id, result: message.params.items.map(({ section }) => SETTINGS[section] ?? null) });
      configured();
    } else if (message.method === "textDocument/publishDiagnostics") {
      entry(published, message.params.uri).resolve(message.params.diagnostics);
    } else if (message.method && message.id !== undefined) {
      send({ id: message.id, result: null });
    } else if (message.id !== undefined) {
      const { resolve, reject } = awaited.get(message.id);
      awaited.delete(message.id);
      if (message.error) reject(new Error(message.error.message));
      else resolve(message.result);
    }
  }

  const uri = pathToFileURL(folder).href;
  const workspaceFolders = [{ uri, name: "project" }];
  const hello = { processId: process.pid, rootUri: uri, workspaceFolders, capabilities: CAPABILITIES, initializationOptions };
  server.version = (await request("initialize", hello)).serverInfo?.version;
  send({ method: "initialized", params: {} });
  return server;
}

function program() {
  const manifest = createRequire(import.meta.url).resolve("yaml-language-server/package.json");
  return join(dirname(manifest), "bin", "yaml-language-server");
}

function dataUrl(code) {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

/** A promise kept under a key, made by whoever asks first. */
function entry(map, key) {
  if (!map.has(key)) {
    const made = {};
    made.promise = new Promise((resolve) => (made.resolve = resolve));
    map.set(key, made);
  }
  return map.get(key);
}

function readFrames(stream, receive) {
  let buffer = Buffer.alloc(0);
  stream.on("data", (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const end = buffer.indexOf("\r\n\r\n");
      if (end < 0) return;
      const start = end + 4;
      const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, end).toString())[1]);
      if (buffer.length < start + length) return;
      const body = buffer.subarray(start, start + length).toString();
      buffer = buffer.subarray(start + length);
      receive(JSON.parse(body));
    }
  });
}
