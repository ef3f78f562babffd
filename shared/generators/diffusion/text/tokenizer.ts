// CLIP's tokenizer out of a model folder: text in, numbers of its vocabulary out.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { NigaoeError } from '../../../errors.js';
import { cutAtWords, type LearnedWords, readLearnedWords } from './words.js';

export interface TextTokenizer {
  /** How many numbers a text encoder takes: 77 for CLIP, start and end counted. */
  readonly length: number;
  readonly start: number;
  readonly end: number;
  /** What fills up a short text: the end again (Stable Diffusion 1), or 0 (2 and later). */
  readonly pad: number;
  /** The numbers of a text of any length, without start, end and padding. */
  encode(text: string): number[];
  /** The text of such numbers, as far as it can be told. */
  decode(ids: readonly number[]): string;
  /** Words beyond the vocabulary. */
  readonly words: LearnedWords;
}

const START = '<|startoftext|>';
const END = '<|endoftext|>';
const LENGTH = 77;

/**
 * Reads `vocab.json` and `merges.txt`, and from the files of settings beside them what pads, and which words were learned, as
 * far as the text encoder's table has `rows`. Throws `model-corrupt` for a folder without them, or whose vocabulary is not
 * CLIP's.
 */
export async function openTokenizer(folder: string, rows?: number): Promise<TextTokenizer> {
  const vocab = JSON.parse(await read(folder, 'vocab.json')) as Record<string, number>;
  const merges = (await read(folder, 'merges.txt'))
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#version'));
  const [start, end] = [START, END].map((token) => vocab[token]);
  if (start === undefined || end === undefined)
    throw new NigaoeError('model-corrupt', `Expected ${START} and ${END} in the vocabulary of ${folder}`, {
      hint: 'Only CLIP’s tokenizer is known: fetch the folder again.',
    });
  const pad = await padOf(folder);
  const tokenizer = new Tokenizer(definition(vocab, merges, pad), {
    tokenizer_class: 'CLIPTokenizer',
    unk_token: END,
    clean_up_tokenization_spaces: true,
  });
  const words = await readLearnedWords(folder, { vocab, rows });
  const names = namesOf(words);
  const encode = (text: string) => tokenizer.encode(lowered(text), { add_special_tokens: false }).ids;
  const decode = (ids: readonly number[]) => tokenizer.decode([...ids], { skip_special_tokens: true }).trim();
  return {
    ...{ length: LENGTH, start, end, pad: vocab[pad] ?? end, words },
    encode: (text) => cutAtWords(text, words).flatMap((part) => words.known.get(part) ?? encode(part)),
    decode: (ids) =>
      runsOf(ids, names)
        .map((run) => names.get(run[0]) ?? decode(run))
        .filter((text) => text !== '')
        .join(' '),
  };
}

/** What learned words are by their first number; their others say nothing more. */
const namesOf = ({ known }: LearnedWords): ReadonlyMap<number, string> =>
  new Map([
    ...[...known].map(([word, [id]]) => [id, word] as const),
    ...[...known.values()].flatMap(([, ...others]) => others.map((id) => [id, ''] as const)),
  ]);

/** Numbers of the vocabulary that follow each other together, those of learned words by themselves. */
function runsOf(ids: readonly number[], names: ReadonlyMap<number, string>): number[][] {
  const runs: number[][] = [];
  for (const id of ids) {
    const last = runs.at(-1);
    if (last === undefined || names.has(id) || names.has(last[0])) runs.push([id]);
    else last.push(id);
  }
  return runs;
}

/** Sign by sign: a whole word would end in another sigma. */
const lowered = (text: string): string => Array.from(text, (sign) => sign.toLowerCase()).join('');

async function read(folder: string, name: string): Promise<string> {
  return readFile(path.join(folder, name), 'utf8').catch((cause: unknown) => {
    throw new NigaoeError('model-corrupt', `Expected ${name} in ${folder} but it cannot be read`, {
      hint: 'Fetch the folder again: a tokenizer is vocab.json and merges.txt.',
      cause,
    });
  });
}

/** The token that pads: what the settings say, else the end. */
async function padOf(folder: string): Promise<string> {
  for (const name of ['special_tokens_map.json', 'tokenizer_config.json']) {
    const text = await readFile(path.join(folder, name), 'utf8').catch(() => '{}');
    const { pad_token: pad } = JSON.parse(text) as { pad_token?: string | { content?: string } };
    const token = typeof pad === 'string' ? pad : pad?.content;
    if (token !== undefined) return token;
  }
  return END;
}

/** Radford et al. 2021, in the words of tokenizer.json. */
function definition(vocab: Record<string, number>, merges: readonly string[], pad: string) {
  // A token that pads is special: Stable Diffusion 2 takes each "!" of a prompt for padding, and pictures depend on it.
  const specials = [...new Set([START, END, pad])].filter((token) => vocab[token] !== undefined);
  const words =
    "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
  return {
    version: '1.0',
    added_tokens: specials.map((content) => ({
      ...{ id: vocab[content], content, special: true, normalized: false },
      ...{ single_word: false, lstrip: false, rstrip: false },
    })),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: words }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
      ],
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    post_processor: null,
    model: {
      ...{ type: 'BPE', vocab, merges: merges.map((line) => line.split(' ') as [string, string]) },
      ...{ unk_token: END, continuing_subword_prefix: '', end_of_word_suffix: '</w>' },
      ...{ fuse_unk: false, dropout: null, byte_fallback: false },
    },
  };
}
