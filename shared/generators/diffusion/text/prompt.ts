// Prompts with weights, written as users of Stable Diffusion write them: (more), ((much more)), [less], (so much:1.3), \( for a
// bracket that is meant.

/** A part of a prompt, and how much it counts. */
export interface Segment {
  text: string;
  weight: number;
}

const ROUND = 1.1;
const TOKEN = /\\\(|\\\)|\\\[|\\\]|\\\\|\\|\(|\[|:\s*([+-]?[.\d]+)\s*\)|\)|\]|[^\\()[\]:]+|:/g;

/** The parts of a prompt. Brackets that are not closed reach to the end; neighbours of one weight are one part. */
export function parsePrompt(prompt: string): Segment[] {
  const segments: Segment[] = [];
  const open: { round: number[]; square: number[] } = { round: [], square: [] };
  const weigh = (from: number | undefined, factor: number) => {
    for (const segment of segments.slice(from ?? segments.length)) segment.weight *= factor;
  };
  for (const [token, weight] of prompt.matchAll(TOKEN)) {
    if (token === '(') open.round.push(segments.length);
    else if (token === '[') open.square.push(segments.length);
    else if (weight !== undefined && open.round.length > 0) weigh(open.round.pop(), Number(weight));
    else if (token === ')' && open.round.length > 0) weigh(open.round.pop(), ROUND);
    else if (token === ']' && open.square.length > 0) weigh(open.square.pop(), 1 / ROUND);
    else segments.push({ text: /^\\./.test(token) ? token.slice(1) : token, weight: 1 });
  }
  for (const from of open.round) weigh(from, ROUND);
  for (const from of open.square) weigh(from, 1 / ROUND);
  return merged(segments.length > 0 ? segments : [{ text: '', weight: 1 }]);
}

function merged(segments: readonly Segment[]): Segment[] {
  const joined: Segment[] = [];
  for (const { text, weight } of segments) {
    const last = joined.at(-1);
    if (last?.weight === weight) last.text += text;
    else joined.push({ text, weight });
  }
  return joined;
}
