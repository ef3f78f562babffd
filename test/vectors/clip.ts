// CLIP's vocabulary as a folder of a tokenizer, made of the list of merges that OpenAI publishes.

import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Of the file's lines: the first says what it is, and the last ones were not learned. */
const MERGES = 48_894;

/** Where the list lies beside the mirror; undefined where it does not. */
export function mergesPath(): string | undefined {
  const mirror = process.env.NIGAOE_MIRROR;
  const file = mirror && path.join(mirror, '../data/clip/bpe_simple_vocab_16e6.txt.gz');
  return file && existsSync(file) ? file : undefined;
}

/** Writes the folder; it is removed when the process ends its tests. Throws without the list. */
export async function clipFolder(pad: string): Promise<string> {
  const list = mergesPath();
  if (list === undefined) throw new Error('CLIP’s merges do not lie beside NIGAOE_MIRROR');
  const merges = gunzipSync(readFileSync(list))
    .toString('utf8')
    .split('\n')
    .slice(1, MERGES + 1);
  const folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-clip-'));
  process.once('beforeExit', () => void rm(folder, { recursive: true, force: true }));
  const symbols = byteSymbols();
  const tokens = [
    ...symbols,
    ...symbols.map((symbol) => `${symbol}</w>`),
    ...merges.map((line) => line.replace(' ', '')),
    '<|startoftext|>',
    '<|endoftext|>',
  ];
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  await writeFile(path.join(folder, 'vocab.json'), JSON.stringify(vocab));
  await writeFile(path.join(folder, 'merges.txt'), ['#version: 0.2', ...merges, ''].join('\n'));
  await writeFile(path.join(folder, 'special_tokens_map.json'), JSON.stringify({ pad_token: pad }));
  return folder;
}

/** A printable sign for each byte, in the order of the vocabulary: those that are printable come first. */
function byteSymbols(): string[] {
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const printable = [...range(33, 126), ...range(161, 172), ...range(174, 255)];
  const rest = range(0, 255).filter((byte) => !printable.includes(byte));
  return [...printable, ...rest.map((_, at) => 256 + at)].map((code) => String.fromCodePoint(code));
}
