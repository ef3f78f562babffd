// Words that people taught a text encoder (textual inversion, Gal et al. 2022): tokens beyond CLIP's vocabulary, each with a
// row of its own in the encoder's table. An exported table cannot grow, so that words without a row have no effect.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { OnnxModel } from '../../../models/onnx/file.js';

export interface LearnedWords {
  /** Numbers by word: several where it was taught with several rows, `<toy>`, `<toy>_1` and so on. */
  readonly known: ReadonlyMap<string, readonly number[]>;
  /** Words that the folder names without that its text encoder has learned them. */
  readonly idle: readonly string[];
}

/** Where people put files of learned words. */
const EMBEDDING = /\.(safetensors|pt|bin)$/i;

/** Reads which words a tokenizer has beyond its vocabulary; a table has `rows`, undefined where that is not known. */
export async function readLearnedWords(
  folder: string,
  { vocab, rows = 0 }: { vocab: Readonly<Record<string, number>>; rows?: number | undefined },
): Promise<LearnedWords> {
  const added = [...(await addedTokens(folder))].filter(([word]) => !Object.hasOwn(vocab, word));
  const taught = new Map(added.filter(([, id]) => id < rows));
  const files = await readdir(folder).catch(() => []);
  return {
    known: new Map([...taught.keys()].map((word) => [word, idsOf(word, taught)])),
    idle: [
      ...added.filter(([word]) => !taught.has(word)).map(([word]) => word),
      ...files.filter((name) => EMBEDDING.test(name)).map((name) => name.replace(EMBEDDING, '')),
    ],
  };
}

/** Of added_tokens.json, and of tokenizer_config.json as newer tokenizers have them. */
async function addedTokens(folder: string): Promise<Map<string, number>> {
  const [added, config] = await Promise.all(
    ['added_tokens.json', 'tokenizer_config.json'].map((name) => readObject(path.join(folder, name))),
  );
  const decoder = Object.entries((config.added_tokens_decoder ?? {}) as Record<string, { content?: string }>);
  const found = [
    ...Object.entries(added),
    ...decoder.map(([id, { content }]) => [content, Number(id)] as const),
  ];
  return new Map(
    found.filter(
      (each): each is [string, number] => typeof each[0] === 'string' && Number.isInteger(each[1]),
    ),
  );
}

/** A file that is not there or no JSON says nothing. */
async function readObject(file: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function idsOf(word: string, taught: ReadonlyMap<string, number>): number[] {
  const ids: number[] = [];
  for (let id = taught.get(word); id !== undefined; id = taught.get(`${word}_${ids.length}`)) ids.push(id);
  return ids;
}

/** A text cut before and after each learned word. */
export function cutAtWords(text: string, { known }: LearnedWords): string[] {
  if (known.size === 0) return [text];
  const longestFirst = [...known.keys()].sort((one, other) => other.length - one.length);
  return text.split(new RegExp(`(${longestFirst.map(literally).join('|')})`));
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Words of a prompt that are meant as learned ones and are none. */
export function unlearned(prompt: string, words: LearnedWords): string[] {
  const bracketed = [...prompt.matchAll(/<[^<>|\s][^<>\s]*>/g)].map(([word]) => word);
  const named = words.idle.filter((word) =>
    new RegExp(`(?<![\\p{L}\\p{N}_])${literally(word)}(?![\\p{L}\\p{N}_])`, 'iu').test(prompt),
  );
  return [...new Set([...bracketed, ...named])].filter((word) => !words.known.has(word));
}

/** Operators that leave token numbers what they are. */
const PASSING: ReadonlySet<string> = new Set([
  'Cast',
  'Reshape',
  'Identity',
  'Unsqueeze',
  'Squeeze',
  'Flatten',
]);

/** How many rows the table of a text encoder has: the weight that its input looks up. */
export function tableRows({ graph }: OnnxModel): number | undefined {
  const weights = new Map(graph.initializer.map(({ name = '', dims }) => [name, dims]));
  const numbers = new Set(graph.input.map(({ name }) => name).filter((name) => !weights.has(name)));
  for (const { opType, input, output } of graph.node) {
    const table = weights.get(input[0]);
    if (opType === 'Gather' && table !== undefined && numbers.has(input[1])) return table[0];
    if (PASSING.has(opType) && numbers.has(input[0])) numbers.add(output[0]);
  }
  return undefined;
}
