// What the user says of an imported model's licence, as the terms that go with every picture.

import { expected } from '../../errors.js';
import type { Licence } from '../entry.js';

export interface LicenceWishes {
  /** An SPDX id, or any words. */
  licence?: string | undefined;
  /** Whether pictures may be used commercially; default: what is known of the licence, else not. */
  commercial?: boolean | undefined;
}

/** Well-known licences (SPDX ids) that leave the use of what is made to the user. */
const FREE: readonly string[] = [
  ...['MIT', 'MIT-0', 'ISC', 'Zlib', 'Unlicense', '0BSD', 'BSL-1.0', 'WTFPL'],
  ...[
    'Apache-2.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'BSD-3-Clause-Clear',
    'MPL-2.0',
    'EPL-2.0',
    'Artistic-2.0',
  ],
  ...['CC0-1.0', 'CC-BY-3.0', 'CC-BY-4.0', 'CC-BY-SA-3.0', 'CC-BY-SA-4.0'],
  ...['GPL-2.0', 'GPL-3.0', 'LGPL-2.1', 'LGPL-3.0', 'AGPL-3.0'].flatMap((id) => [
    id,
    `${id}-only`,
    `${id}-or-later`,
  ]),
];

const NOT_STATED: Licence = {
  name: 'not stated',
  commercial: false,
  notice:
    'The licence of this style was not stated when it was imported: ask its author before commercial use.',
};

/**
 * The licence that the user states, else what the file says of itself, else none. Throws `options` where commercial use is
 * allowed without a licence that allows it.
 */
export function licenceFor({ licence, commercial }: LicenceWishes, told: Licence | undefined): Licence {
  const words = licence?.trim();
  if (words !== undefined) return stated(words, commercial);
  if (commercial !== true) return told && commercial === undefined ? told : (forbidden(told) ?? NOT_STATED);
  throw expected(
    'the licence that allows it',
    '--commercial',
    undefined,
    'Name it: --licence MIT, or for your own work --licence "own work" --commercial.',
  );
}

const forbidden = (told: Licence | undefined): Licence | undefined => told && stated(told.name, false);

function stated(words: string, wish: boolean | undefined): Licence {
  const known = FREE.find((id) => id.toLowerCase() === words.toLowerCase());
  const name = known ?? words;
  const commercial = wish ?? known !== undefined;
  const use = commercial ? '' : ', not for commercial use';
  return {
    name,
    commercial,
    notice: `This style is under ${name}${use}, as was stated when it was imported.`,
  };
}
