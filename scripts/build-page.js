// Build step: bundles the bridge's page, and everything that it imports, into the one script and the one style
// sheet that index.html names. It runs after the assets have been copied.

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
// Tests of an unfinished build may want it elsewhere.
const out = process.argv[2] ?? 'dist';

await build({
  absWorkingDir: root,
  entryPoints: ['shared/bridge/page/page.ts', 'shared/bridge/page/page.css'],
  outdir: `${out}/shared/bridge/page`,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  tsconfigRaw: {},
  logLevel: 'warning',
});
