// Starts `rosterctl lsp` for VS Code, which does everything else.

const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function settings() {
  return workspace.getConfiguration("rosterctl");
}

async function start() {
  const server = { command: settings().get("path"), args: ["lsp"] };
  client = new LanguageClient("rosterctl", "rosterctl", server, {
    documentSelector: [
      { scheme: "file", pattern: "**/*.{yaml,yml}" },
      { scheme: "file", pattern: "**/*.csv" },
    ],
    // The YAML extension shows these, if a file names the schema in its first lines.
    initializationOptions: { schemaFindings: settings().get("schemaFindings") },
  });
  try {
    await client.start();
  } catch (error) {
    window.showErrorMessage(`rosterctl can't be started: ${error.message}. Set rosterctl.path to where the program is.`);
  }
}

async function stop() {
  const former = client;
  client = undefined;
  await former?.stop().catch(() => {});
}

async function restart() {
  await stop();
  await start();
}

exports.activate = async (context) => {
  context.subscriptions.push(
    commands.registerCommand("rosterctl.restart", restart),
    workspace.onDidChangeConfiguration((change) => change.affectsConfiguration("rosterctl") && restart()),
  );
  await start();
};

exports.deactivate = stop;
