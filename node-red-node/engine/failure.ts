// Errors that crossed from one node's file into another's.

import { asFailure, codeOf, FAILURES, type FailureCode, NigaoeError } from '../../shared/errors.js';

/**
 * Anything thrown as a NigaoeError of this file. Each node is bundled with a class NigaoeError of its own: what the
 * engine's client throws is known in other nodes by its code alone.
 */
export function failureFrom(error: unknown): NigaoeError {
  const code = codeOf(error);
  if (error instanceof NigaoeError || code === undefined || !Object.hasOwn(FAILURES, code))
    return asFailure(error);
  const { message, hint } = error as NigaoeError;
  return new NigaoeError(code as FailureCode, message, { hint, cause: error });
}

/** What is wrong and what to do, for logs and forms. */
export function sentenceOf({ message, hint }: NigaoeError): string {
  return hint === undefined ? message : `${message}. ${hint}`;
}

/**
 * A failure as logs and Catch nodes get it: the sentence with its remedy, and an own `code`. Its causes stay behind: a
 * Catch node would pass them on, and they may quote an address with its password.
 */
export class FlowError extends Error {
  override readonly name = 'NigaoeError';
  readonly code: FailureCode;

  constructor(thrown: unknown) {
    const failure = failureFrom(thrown);
    super(sentenceOf(failure));
    this.code = failure.code;
  }

  /** Node-RED puts this into `msg.error.message`: the class is no news to a user. */
  override toString(): string {
    return this.message;
  }
}
