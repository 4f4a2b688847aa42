// Packs the extension as `rosterctl.vsix`, with what it needs. `npm ci --ignore-scripts && npm run pack`.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const { createVSIX } = createRequire(import.meta.url)("@vscode/vsce");

const folder = dirname(fileURLToPath(import.meta.url));
await createVSIX({
  cwd: folder,
  packagePath: join(folder, "rosterctl.vsix"),
  allowMissingRepository: true,
  skipLicense: true,
});
