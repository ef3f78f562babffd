// Arguments of the command line -> photos: files, folders, patterns, addresses and standard input.

import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { parse } from 'node:path';
import { isDynamicPattern } from 'tinyglobby';
import { expected, NigaoeError } from '../../errors.js';
import { fileInput, type Input } from './input.js';
import { findByPattern, findInFolder } from './search.js';

interface FindInputsOptions {
  /** Whether http(s) addresses may be fetched. */
  allowUrl?: boolean | undefined;
  /** Absolute path of the output: results of earlier runs below it are no photos. */
  without?: string | undefined;
}

/** All photos in the order of the arguments, each once. Throws `options` for an argument that names none. */
export async function findInputs(
  words: readonly string[],
  { allowUrl = false, without }: FindInputsOptions = {},
): Promise<Input[]> {
  const inputs: Input[] = [];
  for (const word of words) {
    if (word === '-') inputs.push(standardInput());
    else if (/^[a-z][a-z0-9+.-]+:\/\//i.test(word)) inputs.push(webInput(word, allowUrl));
    else inputs.push(...(await localInputs(word, { without, alone: words.length === 1 })));
  }
  return withoutDoubles(inputs);
}

function standardInput(): Input {
  if (process.stdin.isTTY)
    throw expected(
      'a photo on standard input',
      '-',
      'a terminal',
      'Pipe a photo in: nigaoe ... - < photo.jpg',
    );
  return { origin: { kind: 'stdin' }, label: '-', stem: 'stdin', folder: '', found: false };
}

function webInput(word: string, allowUrl: boolean): Input {
  if (!/^https?:/i.test(word) || !URL.canParse(word))
    throw expected('a file, a folder or an http(s) address', 'the photo', word);
  if (!allowUrl) {
    const hint = 'Add --allow-url to fetch photos from the web.';
    throw new NigaoeError('options', `Expected --allow-url for the address ${word}`, { hint });
  }
  const url = new URL(word);
  return { origin: { kind: 'web', url: word }, label: word, stem: stemOf(url), folder: '', found: false };
}

/** A stranger chooses the address: nothing in it may leave the output folder or confuse a file system. */
function stemOf(url: URL): string {
  const last = url.pathname.split('/').at(-1) ?? '';
  const plain = parse(last).name.replace(/%20/g, ' ');
  const safe = plain.replace(/[^\p{L}\p{N} _.-]+/gu, '_').replace(/^\.+/, '');
  return safe === '' ? url.hostname : safe.slice(0, 100);
}

interface Place {
  without: string | undefined;
  /** Whether the word is the only one. */
  alone: boolean;
}

async function localInputs(word: string, { without, alone }: Place): Promise<Input[]> {
  const found = await statOf(word);
  if (found?.isDirectory()) return filled(await findInFolder(word, without), word, 'a folder with photos');
  if (found !== undefined) return [fileInput(word)];
  // Among others a file that is missing is one photo that fails when it is its turn; alone it is most likely a slip.
  if (!isDynamicPattern(word) && (alone || word === '')) throw absent(word);
  if (!isDynamicPattern(word)) return [fileInput(word)];
  return filled(await findByPattern(word, without), word, 'a pattern that matches files');
}

function filled(inputs: Input[], word: string, what: string): Input[] {
  if (inputs.length > 0) return inputs;
  const hint = 'nigaoe reads JPEG, PNG, WebP, AVIF, TIFF and GIF; hidden files are skipped.';
  throw expected(what, 'the photos', word, hint);
}

function absent(word: string): NigaoeError {
  const hint =
    word === ''
      ? undefined
      : 'There is no file or folder of this name; check it, and quote names with spaces.';
  return expected('a file, folder or pattern', 'the photos', word, hint);
}

/** undefined where there is nothing; a file that must not be looked at still counts as a file. */
async function statOf(file: string): Promise<Stats | undefined> {
  return stat(file).catch(() => undefined);
}

function withoutDoubles(inputs: readonly Input[]): Input[] {
  const unique = new Map(inputs.map((input) => [keyOf(input), input]));
  // A Map keeps the place of the first and the value of the last: a photo named by itself wins over one found.
  return [...unique.values()];
}

function keyOf({ origin }: Input): string {
  return origin.kind === 'file' ? origin.path : origin.kind === 'web' ? origin.url : '-';
}
