// Build step: copies what the compiler leaves behind (catalogue, page, pictures) beside the compiled code, and makes
// the command line program executable.

import { chmodSync, cpSync, existsSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const command = `${root}dist/shared/cli/main.js`;
// Style sheets are bundled by build-page.js.
const notShipped = new Set(['.ts', '.md', '.css']);

cpSync(`${root}shared`, `${root}dist/shared`, {
  recursive: true,
  filter: (path) =>
    !notShipped.has(extname(path)) && basename(path) !== 'tsconfig.json' && !basename(path).startsWith('.'),
});
if (existsSync(command)) chmodSync(command, 0o755);
