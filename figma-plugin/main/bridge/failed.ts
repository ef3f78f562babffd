// Why a call of the bridge or a layer failed, as the user reads it.

import type { Failure } from '../../../shared/errors.js';

/** The bridge refused or failed: its own sentence, code and hint. */
export class BridgeFailure extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  /** Seconds after which a busy bridge may be asked again. */
  readonly retryAfterS: number | undefined;

  constructor(
    { code, message, hint }: Pick<Failure, 'message' | 'hint'> & { code: string },
    retryAfterS?: number,
  ) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.retryAfterS = retryAfterS;
  }
}

/** The user pressed Cancel. */
export class Cancelled extends Error {}

/** A layer was left as it is, for a reason that is nobody's mistake. */
export class Skipped extends Error {}

/** One or two sentences for whatever was thrown; Figma itself also throws plain objects. */
export function sentenceOf(thrown: unknown): string {
  if (thrown instanceof BridgeFailure)
    return [thrown.message, thrown.hint]
      .filter((part) => part !== undefined)
      .map(closed)
      .join(' ');
  const message = (thrown as { message?: unknown } | undefined)?.message ?? thrown;
  return closed(typeof message === 'string' ? message : 'Figma refused it without a reason');
}

/** Whether every further layer would fail the same way: the bridge is gone, or an option or the style is wrong. */
export function isCommon(thrown: unknown): boolean {
  return (
    thrown instanceof BridgeFailure && (COMMON.includes(thrown.code) || thrown.code.startsWith('model-'))
  );
}
const COMMON: readonly string[] = [
  'unreachable',
  'unauthorised',
  'forbidden',
  'options',
  'licence-not-accepted',
  'device-absent',
  'store-unwritable',
];

function closed(sentence: string): string {
  return /[.!?…]$/.test(sentence) ? sentence : sentence + '.';
}
