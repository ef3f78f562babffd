// The Origin rule: no page but our own, and those that hide their origin, as Figma's plugins do. It keeps out nobody who can
// hide theirs too: the token does that.

import { NigaoeError } from '../../errors.js';
import type { Names } from './names.js';

/** Throws `forbidden` for the origin of a foreign page; programs send none. */
export function checkOrigin(origin: string | undefined, { origins }: Names): void {
  if (origin === undefined || origin === 'null' || origins.has(origin)) return;
  throw new NigaoeError(
    'forbidden',
    `Expected a program or the bridge's own page but a page of ${JSON.stringify(origin.slice(0, 80))} asks`,
    {
      hint: 'Web pages cannot use this bridge; call it from a program, or from the page that it serves itself.',
    },
  );
}
