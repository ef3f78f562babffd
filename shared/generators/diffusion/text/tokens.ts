// A prompt as a text encoder takes it: so many numbers, each with a weight, and what did not fit.

import { parsePrompt } from './prompt.js';
import type { TextTokenizer } from './tokenizer.js';

export interface PromptTokens {
  /** `tokenizer.length` numbers: start, text, end, padding. */
  ids: number[];
  /** How much each counts; 1 for start, end and padding. */
  weights: number[];
  /** The end of the prompt that did not fit; empty where all did. */
  leftOut: string;
}

/** Tokenizes each part of the prompt by itself, as its weight is its own. */
export function tokensOf(prompt: string, tokenizer: TextTokenizer): PromptTokens {
  const { length, start, end, pad } = tokenizer;
  const all = parsePrompt(prompt).flatMap(({ text, weight }) =>
    tokenizer.encode(text).map((id) => ({ id, weight })),
  );
  const room = length - 2;
  const kept = [{ id: start, weight: 1 }, ...all.slice(0, room), { id: end, weight: 1 }];
  while (kept.length < length) kept.push({ id: pad, weight: 1 });
  return {
    ids: kept.map(({ id }) => id),
    weights: kept.map(({ weight }) => weight),
    leftOut: tokenizer.decode(all.slice(room).map(({ id }) => id)),
  };
}

/** Embeddings `[length, width]` times the weights of their tokens, with the mean that they had before. */
export function weighted(embeddings: Float32Array, weights: readonly number[]): Float32Array {
  if (weights.every((weight) => weight === 1)) return embeddings;
  const width = embeddings.length / weights.length;
  const scaled = embeddings.map((value, at) => value * weights[Math.floor(at / width)]);
  const [before, after] = [embeddings, scaled].map((all) => all.reduce((sum, value) => sum + value, 0));
  return after === 0 ? scaled : scaled.map((value) => value * (before / after));
}
