// Build step: bundles the Node-RED nodes into node-red-node/dist/, from which the package is packed. Another folder can
// be named as the first argument.
//
// Node-RED 4 loads nodes with `require`, so they are CommonJS, each node one file with the bridge's client inside: the
// package needs no native code and no core beside it. The forms, their texts and the icons lie beside the nodes.

import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = fileURLToPath(new URL('../node-red-node/', import.meta.url));
const out = resolve(process.argv[2] ?? `${source}dist`);

const namesIn = (folder, ending) =>
  readdirSync(source + folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
// The sources are ES modules, what comes out is not.
writeFileSync(`${out}/package.json`, '{ "type": "commonjs" }\n');
await build({
  absWorkingDir: source,
  // Workers are files of their own, as threads start from files.
  entryPoints: [...namesIn('nodes', '.ts'), ...namesIn('camera', '-worker.ts')],
  outdir: out,
  outbase: source,
  bundle: true,
  // Their dependencies are installed, not copied.
  packages: 'external',
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  charset: 'utf8',
  logLevel: 'warning',
});
cpSync(`${source}nodes`, `${out}/nodes`, { recursive: true, filter: (path) => !path.endsWith('.ts') });
