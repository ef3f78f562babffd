// Every failure that a user can meet, with the exit code and HTTP status that the doors (CLI, bridge) answer.

/** Error code -> process exit code and HTTP status. The one table that all doors read. */
export const FAILURES = {
  options: { exitCode: 2, status: 400 },
  'photo-unreadable': { exitCode: 3, status: 415 },
  'photo-refused': { exitCode: 3, status: 415 },
  'photo-too-large': { exitCode: 3, status: 413 },
  'no-face': { exitCode: 4, status: 422 },
  'model-unknown': { exitCode: 5, status: 404 },
  'model-missing': { exitCode: 5, status: 503 },
  'model-corrupt': { exitCode: 5, status: 503 },
  'model-unsupported': { exitCode: 5, status: 422 },
  'model-download': { exitCode: 5, status: 503 },
  'licence-not-accepted': { exitCode: 5, status: 503 },
  'store-unwritable': { exitCode: 5, status: 503 },
  unauthorised: { exitCode: 1, status: 401 },
  forbidden: { exitCode: 1, status: 403 },
  'not-found': { exitCode: 1, status: 404 },
  conflict: { exitCode: 1, status: 409 },
  misdirected: { exitCode: 1, status: 421 },
  busy: { exitCode: 1, status: 429 },
  unreachable: { exitCode: 1, status: 502 },
  cancelled: { exitCode: 6, status: 499 },
  'device-absent': { exitCode: 7, status: 503 },
  'program-missing': { exitCode: 1, status: 503 },
  'program-failed': { exitCode: 1, status: 500 },
  'not-worthwhile': { exitCode: 8, status: 422 },
  'output-unwritable': { exitCode: 1, status: 500 },
  internal: { exitCode: 1, status: 500 },
} as const satisfies Record<string, { exitCode: number; status: number }>;

export type FailureCode = keyof typeof FAILURES;

/** An option that was set too low, and the least value that would do. */
interface TooLow {
  option: string;
  needs: number;
}

/** What a failure may carry besides its code and its sentence. */
interface Details {
  hint?: string | undefined;
  tooLow?: TooLow | undefined;
  cause?: unknown;
}

/** A failure with a code from `FAILURES`, one sentence that says what is wrong, and how to repair it. */
export class NigaoeError extends Error {
  readonly code: FailureCode;
  /** How to repair it: a sentence for the user, or undefined where there is nothing to do. */
  readonly hint: string | undefined;
  /** What the hint says of an option, for doors that name or limit options in their own way. */
  readonly tooLow: TooLow | undefined;

  constructor(code: FailureCode, message: string, { hint, tooLow, cause }: Details = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'NigaoeError';
    this.code = code;
    this.hint = hint;
    this.tooLow = tooLow;
  }

  get exitCode(): number {
    return FAILURES[this.code].exitCode;
  }

  get status(): number {
    return FAILURES[this.code].status;
  }

  /** The error as plain data, for the wire and for `--json`; `fromFailure` is the way back. */
  toJSON(): Failure {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.tooLow === undefined ? {} : { tooLow: this.tooLow }),
    };
  }
}

/** A failure as it crosses a process or network border. */
export interface Failure {
  code: FailureCode;
  message: string;
  hint?: string;
  tooLow?: TooLow;
}

/** Rebuilds the error that `toJSON` wrote. */
export function fromFailure({ code, message, hint, tooLow }: Failure): NigaoeError {
  return new NigaoeError(Object.hasOwn(FAILURES, code) ? code : 'internal', message, { hint, tooLow });
}

/** The house sentence for a wrong value: "Expected <what> for <name> but received <value>". */
export function expected(what: string, name: string, received: unknown, hint?: string): NigaoeError {
  return new NigaoeError('options', `Expected ${what} for ${name} but received ${show(received)}`, { hint });
}

/** The same for a value of a wrong type, which the sentence names where the value does not show it. */
export function expectedType(what: string, name: string, received: unknown): NigaoeError {
  const shown = show(received);
  const speaksForItself = ['string', 'object', 'undefined'].includes(typeof received);
  const typed = speaksForItself ? shown : `${shown} of type ${typeof received}`;
  return new NigaoeError('options', `Expected ${what} for ${name} but received ${typed}`);
}

/** The system's code of an error (`ENOENT`), or undefined. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Turns anything thrown into a NigaoeError; what is not ours is our bug and becomes `internal`. */
export function asFailure(error: unknown): NigaoeError {
  if (error instanceof NigaoeError) return error;
  if (isAbort(error)) return new NigaoeError('cancelled', 'The job was cancelled', { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  const marked = message.startsWith('internal: ') ? message : `internal: ${message}`;
  return new NigaoeError('internal', marked, { cause: error });
}

/** Throws `cancelled` when the signal has been raised; called between the steps of a job. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new NigaoeError('cancelled', 'The job was cancelled', { cause: signal.reason as unknown });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortened(value));
  if (typeof value === 'object' && value !== null)
    return `an object of type ${value.constructor?.name ?? 'Object'}`;
  return shortened(String(value));
}

/** A sentence is no place for a whole file; an emoji is not cut in two. */
function shortened(text: string): string {
  if (text.length <= SHOWN_CHARACTERS) return text;
  return text.slice(0, SHOWN_CHARACTERS).replace(/[\ud800-\udbff]$/, '') + '…';
}
const SHOWN_CHARACTERS = 80;
