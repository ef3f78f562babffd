// Tokens of prompts, and their weights.

import { parsePrompt } from '../../shared/generators/diffusion/text/prompt.js';
import { openTokenizer, type TextTokenizer } from '../../shared/generators/diffusion/text/tokenizer.js';
import { type Check, nearly, same } from './check.js';
import { clipFolder, mergesPath } from './clip.js';

interface Text {
  id: string;
  text: string;
  ids?: number[];
  ids_pad_bang?: number[];
}

const opened = new Map<string, Promise<TextTokenizer>>();
const tokenizerWith = (pad: '<|endoftext|>' | '!'): Promise<TextTokenizer> => {
  const known = opened.get(pad) ?? clipFolder(pad).then(openTokenizer);
  opened.set(pad, known);
  return known;
};

export function checkTokens(rows: readonly Text[]): Check[] {
  return rows.map(({ id, text, ids, ids_pad_bang: bang }) => ({
    id,
    skip: mergesPath() === undefined ? 'CLIP’s merges do not lie beside the mirror' : undefined,
    run: async () => {
      if (ids !== undefined) await check(text, ids, '<|endoftext|>');
      if (bang !== undefined) await check(text, bang, '!');
    },
  }));
}

async function check(text: string, wanted: readonly number[], pad: '<|endoftext|>' | '!'): Promise<void> {
  const { start, end, length, encode } = await tokenizerWith(pad);
  // Some are longer than a text encoder takes.
  const room = Math.max(length, wanted.length) - 2;
  same(`ids padded with ${pad}`, [start, ...encode(text).slice(0, room), end], wanted);
}

interface Weighting {
  text: string;
  segments: [string, number][];
}

export function checkWeighting(rows: readonly Weighting[]): Check[] {
  return rows.map(({ text, segments }) => ({
    id: text,
    run: () => {
      const parsed = parsePrompt(text);
      same(
        'texts',
        parsed.map((segment) => segment.text),
        segments.map(([part]) => part),
      );
      nearly(
        'weights',
        parsed.map(({ weight }) => weight),
        segments.map(([, weight]) => weight),
        { absolute: 1e-9 },
      );
    },
  }));
}
