// Names of stored pictures: a pattern such as `{camera}-{date}-{time}`, filled in.

import { expected, NigaoeError } from '../../../shared/errors.js';
import type { Caption } from '../caption.js';

const PLACEHOLDERS = ['camera', 'style', 'model', 'date', 'time'] as const;
type Placeholder = (typeof PLACEHOLDERS)[number];

/** What a part that the message does not tell is called. */
const UNKNOWN = 'unknown';
const LONGEST_PART = 40;

export class NamePattern {
  readonly #parts: string[];

  /** Throws `options` for characters that a name cannot hold, and for placeholders that nobody fills. */
  constructor(pattern: string) {
    // Odd places are placeholders.
    this.#parts = pattern.split(/\{([^{}]*)\}/);
    this.#parts.forEach((part, index) => {
      index % 2 === 1 ? checkPlaceholder(part) : checkLiteral(part, pattern);
    });
    if (pattern === '' || pattern.startsWith('.'))
      throw expected('a name that begins with a letter, digit or {…}', 'the file name', pattern);
  }

  /** A name without its ending. `turn` counts the pictures of one second from 1. */
  fill(caption: Caption, now: Date, turn: number): string {
    const values = { ...wordsOf(caption), ...timeOf(now) };
    const name = this.#parts
      .map((part, index) => (index % 2 === 1 ? values[part as Placeholder] : part))
      .join('');
    return turn === 1 ? name : `${name}-${turn}`;
  }
}

function checkPlaceholder(name: string): void {
  if ((PLACEHOLDERS as readonly string[]).includes(name)) return;
  throw new NigaoeError(
    'options',
    `Expected a known placeholder for the file name but received "{${name}}"`,
    {
      hint: `Known are ${PLACEHOLDERS.map((known) => `{${known}}`).join(', ')}.`,
    },
  );
}

// Letters and digits of all languages; no folder, no drive, nothing that a shell or Windows reads as a sign.
function checkLiteral(text: string, pattern: string): void {
  if (!/^[\p{L}\p{N}\p{M} ._-]*$/u.test(text) || text.includes('..'))
    throw expected('letters, digits, spaces, ".", "_", "-" and {…}', 'the file name', pattern);
}

const wordsOf = ({ camera, style, model }: Caption) => ({
  camera: wordOf(camera),
  style: wordOf(style),
  model: wordOf(model),
});

/** What others chose, as a part of a name: no dots and no slashes, so it cannot lead elsewhere. */
function wordOf(text: string | undefined): string {
  const word = (text ?? '')
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}_]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  const short = [...word].slice(0, LONGEST_PART).join('');
  return short === '' ? UNKNOWN : short;
}

function timeOf(now: Date): { date: string; time: string } {
  const two = (value: number): string => String(value).padStart(2, '0');
  return {
    date: `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`,
    time: `${two(now.getHours())}-${two(now.getMinutes())}-${two(now.getSeconds())}`,
  };
}
