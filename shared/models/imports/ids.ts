// The id under which an imported model is kept: given by the user, or made of the file's name.

import { basename, resolve } from 'node:path';
import { expected, NigaoeError } from '../../errors.js';
import { CATALOGUE } from '../catalogue.js';
import { isDeviceName, isSafeName } from '../parse-entry.js';
import { isStyleFile, nameOfStyleFile } from '../styles.js';

/** With `.onnx` behind it, the longest name of a file that the store takes. */
const MOST_CHARACTERS = 123;
/** What an id is made of, as sentences, help and documentation say it. */
const RULES = `an id of letters, digits, dots, dashes and underscores that begins with a letter or digit, at most ${MOST_CHARACTERS} characters,`;
/** Words that options have for something else. */
const TAKEN_WORDS: readonly string[] = ['auto', 'embedded', 'none'];

/** The id that a user wishes. Throws `options` where it cannot be one, or is one of the catalogue. */
export function checkId(id: string, flag = '--id'): string {
  const flaw = flawOf(id);
  if (flaw !== undefined) throw expected(RULES, flag, id, hintOf(flaw, otherThan(id)));
  const known = CATALOGUE.find((entry) => entry.id.toLowerCase() === id.toLowerCase());
  if (known === undefined) return id;
  throw expected(
    'an id of your own',
    flag,
    id,
    `${known.id} is a model of the catalogue. Take another, such as my-${known.id}.`,
  );
}

/** An id made of a file's name: `Face Paint_v2.pt` -> `face-paint-v2`. Throws `options` where that is none or is taken by the catalogue. */
export function idOfFile(path: string): string {
  const id = slug(nameOfStyleFile(path));
  if (id !== '') return checkId(id, `the id that ${basename(resolve(path))} gives (--id gives another)`);
  const message = `Expected a file name with letters a to z or digits to make an id of but received ${basename(resolve(path))}`;
  throw new NigaoeError('options', message, { hint: 'Give an id with --id, such as --id my-style.' });
}

/** What is wrong with a word as an id, as a sentence; empty where the rules say it already. */
function flawOf(id: string): string | undefined {
  if (id.length > MOST_CHARACTERS) return 'Take a shorter one.';
  if (isDeviceName(id)) return `Windows keeps the name ${id} for a device.`;
  if (TAKEN_WORDS.includes(id.toLowerCase())) return `${id} means something else where styles are named.`;
  if (/\.$|\.\./.test(id)) return 'It must neither end in a dot nor have two of them in a row.';
  // What looks like a path is taken for one.
  if (isSafeName(id) && isStyleFile(id)) return 'It must not have the ending of a model file.';
  // A lock lies beside each model's folder.
  if (/\.lock$/i.test(id)) return 'It must not end in .lock.';
  return isSafeName(id) ? undefined : '';
}

function hintOf(...sentences: string[]): string | undefined {
  const told = sentences.filter((sentence) => sentence !== '');
  return told.length === 0 ? undefined : told.join(' ');
}

/** A word that could be taken instead. */
function otherThan(id: string): string {
  if (id.length > MOST_CHARACTERS) return '';
  const near = slug(isStyleFile(id) ? nameOfStyleFile(id) : id);
  const free = isDeviceName(near) || TAKEN_WORDS.includes(near) ? `my-${near}` : near;
  return free === '' || free === id ? '' : `Take ${free}, for example.`;
}

/** Lower case, and dashes for all that is no letter or digit; accents are dropped. */
function slug(text: string): string {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MOST_OF_NAME)
    .replace(/^-+|-+$/g, '');
}
const MOST_OF_NAME = 60;
