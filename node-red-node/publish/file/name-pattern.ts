// Names of stored pictures: a pattern such as `{camera}-{date}-{time}`, filled in, and recognised again.

import { expected, NigaoeError } from '../../../shared/errors.js';
import type { Caption } from '../caption.js';
import { EXTENSIONS } from '../picture.js';

const PLACEHOLDERS = ['camera', 'style', 'model', 'date', 'time'] as const;
type Placeholder = (typeof PLACEHOLDERS)[number];

/** What a stored file tells by its name. */
export interface StoredName {
  /** When it was stored: local time, in ms since 1970. */
  storedMs: number;
  /** 1 for the first picture of its second. */
  turn: number;
}

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

  /** Whether names of this pattern tell when they were stored; retention needs it. */
  get isDated(): boolean {
    return this.#parts.includes('date') && this.#parts.includes('time');
  }

  /** A name without its ending. `turn` counts the pictures of one second from 1. */
  fill(caption: Caption, now: Date, turn: number): string {
    const values = { ...wordsOf(caption), ...timeOf(now) };
    const name = this.#parts
      .map((part, index) => (index % 2 === 1 ? values[part as Placeholder] : part))
      .join('');
    return turn === 1 ? name : `${name}-${turn}`;
  }

  /** Reads a file's name; undefined for files that this pattern did not name for the same camera. */
  read(file: string, caption: Caption): StoredName | undefined {
    const groups = this.#expression(wordsOf(caption).camera).exec(file.normalize('NFC'))?.groups;
    if (groups?.date === undefined || groups.time === undefined) return undefined;
    const [year, month, day] = groups.date.split('-').map(Number);
    const [hour, minute, second] = groups.time.split('-').map(Number);
    const storedMs = new Date(year, month - 1, day, hour, minute, second).getTime();
    return { storedMs, turn: Number(groups.turn ?? 1) };
  }

  #expression(camera: string): RegExp {
    const body = this.#parts.map((part, index) =>
      index % 2 === 1 ? this.#wild(part, index, camera) : literal(part),
    );
    return new RegExp(`^${body.join('')}(?:-(?<turn>[1-9]\\d{0,3}))?\\.(?:${EXTENSIONS.join('|')})$`, 'u');
  }

  #wild(placeholder: string, index: number, camera: string): string {
    if (placeholder === 'camera') return literal(camera);
    const shape = SHAPES[placeholder] ?? '[\\p{L}\\p{N}_-]+';
    // A group's name may stand once.
    const isFirst = this.#parts.indexOf(placeholder) === index;
    return isFirst && placeholder in SHAPES ? `(?<${placeholder}>${shape})` : `(?:${shape})`;
  }
}

const SHAPES: Record<string, string> = {
  date: '\\d{4}-\\d{2}-\\d{2}',
  time: '\\d{2}-\\d{2}-\\d{2}',
};

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

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
