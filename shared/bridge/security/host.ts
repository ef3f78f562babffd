// The Host check: a page whose name was made to point here (DNS rebinding) still sends its own name.

import { NigaoeError } from '../../errors.js';
import type { Names } from './names.js';

/** Throws `misdirected` for a Host that is not exactly one of ours. */
export function checkHost(host: string | undefined, { hosts }: Names): void {
  if (host !== undefined && hosts.has(host.toLowerCase())) return;
  throw new NigaoeError('misdirected', `Expected a Host of this bridge but received ${shown(host)}`, {
    hint: `Call it by one of: ${[...hosts].join(', ')}`,
  });
}

const shown = (host: string | undefined): string =>
  host === undefined ? 'none' : JSON.stringify(host.slice(0, 80));
