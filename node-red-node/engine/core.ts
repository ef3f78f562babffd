// Where the core is installed that draws: in Node-RED's user folder, or where these nodes are.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { NigaoeError } from '../../shared/errors.js';

/** An installed core. */
export interface Core {
  /** The file of its command `nigaoe`. */
  main: string;
  version: string;
}

const CORE = '@nigaoe/nigaoe';

/** The line that installs the core, or brings it up to date, for this user folder. */
export function installLine(userDir: string | undefined): string {
  const folder = userDir ?? '~/.node-red';
  return `cd ${/\s/.test(folder) ? JSON.stringify(folder) : folder} && npm install ${CORE}@latest`;
}

/**
 * Looks for the core as Node.js would, from each of the folders upwards. Files are read anew each time: `require.resolve`
 * remembers what was missing, and the core may be installed while Node-RED runs.
 * @throws NigaoeError `not-found` with the line that installs it
 */
export function findCore(userDir: string | undefined, here: string): Core {
  for (const folder of userDir === undefined ? [here] : [userDir, here])
    for (const parent of upwards(path.resolve(folder))) {
      const core = coreIn(path.join(parent, 'node_modules', CORE));
      if (core !== undefined) return core;
    }
  const where = userDir === undefined ? '' : ` in ${userDir}`;
  throw new NigaoeError('not-found', `Expected ${CORE} to be installed${where} but it is not`, {
    hint: `Run: ${installLine(userDir)}`,
  });
}

/** The folder and those around it, innermost first. */
function upwards(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...upwards(parent)];
}

function coreIn(folder: string): Core | undefined {
  const main = path.join(folder, 'dist/shared/cli/main.js');
  if (!existsSync(main)) return undefined;
  return { main, version: versionIn(path.join(folder, 'package.json')) };
}

/** For people only, so a damaged file is not worth a failure. */
function versionIn(file: string): string {
  try {
    return String((JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown }).version);
  } catch {
    return 'unknown';
  }
}
