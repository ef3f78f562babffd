// The id under which an imported model is kept: given by the user, or made of the file's name.

import { basename, resolve } from 'node:path';
import { expected } from '../../errors.js';
import { CATALOGUE } from '../catalogue.js';
import { isSafeName } from '../parse-entry.js';
import { isStyleFile, nameOfStyleFile } from '../styles.js';

/** The id that a user wishes. Throws `options` where it cannot be one, or is one of the catalogue. */
export function checkId(id: string, flag = '--id'): string {
  // A lock lies beside each model's folder, and what looks like a path is taken for one; the file is named after the id.
  if (!isSafeName(id) || !isSafeName(`${id}.onnx`) || isStyleFile(id) || /\.lock$/i.test(id))
    throw expected('an id of letters, digits, dots and dashes', flag, id, hintFor(id));
  const known = CATALOGUE.find((entry) => entry.id.toLowerCase() === id.toLowerCase());
  if (known === undefined) return id;
  throw expected(
    'an id of your own',
    flag,
    id,
    `${known.id} is a model of the catalogue. Take another, such as my-${known.id}.`,
  );
}

/** An id made of a file's name: `Face Paint_v2.pt` -> `face-paint-v2`. Throws `options` where that is taken by the catalogue. */
export function idOfFile(path: string): string {
  const id = slug(nameOfStyleFile(path));
  if (id === '')
    throw expected('an id', '--id', undefined, `The name ${basename(resolve(path))} makes none.`);
  return checkId(id);
}

function hintFor(id: string): string | undefined {
  if (id.length > MOST_CHARACTERS) return 'Take a shorter one.';
  const near = slug(id);
  return near === '' || near === id ? undefined : `Take ${near}, for example.`;
}

/** Lower case, and dashes for all that is no letter or digit; accents are dropped. */
function slug(text: string): string {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MOST_CHARACTERS)
    .replace(/^-+|-+$/g, '');
}
const MOST_CHARACTERS = 60;
