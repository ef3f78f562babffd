// The nodes as Node-RED gets them: built once per test run, beside the compiled tests, where their dependencies are found.

import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
// A run of its own has a folder of its own: two runs over the same tests leave each other alone.
const OUT = path.join(HERE, `built-${process.pid}`);

let built = false;

/** The file of a node, such as `nigaoe-camera`. The first call builds all of them, which takes about a second. */
export function builtNode(name: string): string {
  return builtFile(`nodes/${name}.js`);
}

/** A file of the package's `dist`, by its path there, such as `camera/difference-worker.js`. */
export function builtFile(name: string): string {
  if (!built) buildAll();
  built = true;
  return path.join(OUT, name);
}

/** The repository, whatever the output folder is called. */
export function repositoryRoot(from = HERE): string {
  return existsSync(path.join(from, 'package-lock.json')) ? from : repositoryRoot(path.dirname(from));
}

function buildAll(): void {
  process.once('exit', () => rmSync(OUT, { recursive: true, force: true }));
  const script = path.join(repositoryRoot(), 'scripts/build-node-red.js');
  execFileSync(process.execPath, [script, OUT], { stdio: ['ignore', 'ignore', 'inherit'] });
}
