// Why a call of the bridge failed, as an error that says what to do.

import { FAILURES, type Failure, type FailureCode, fromFailure, NigaoeError } from '../../errors.js';

const PAIR_AGAIN =
  'Pair with the bridge: enter the six-digit code that `nigaoe serve` shows. A token that was revoked needs a new pairing.';

/** Nothing answers: the three causes are told apart by nobody, so all are named. */
export function unreachable(url: string, cause: unknown): NigaoeError {
  const hint =
    'Start it with `nigaoe serve`; compare the port with the one that it printed; in a browser, allow this page to reach apps on this device (local network access) in its site settings.';
  return new NigaoeError('unreachable', `Expected the nigaoe bridge at ${url} but nothing answered there`, {
    hint,
    cause,
  });
}

/** Something answers that is no bridge. */
export function strangerAt(url: string, what: string): NigaoeError {
  return new NigaoeError('unreachable', `Expected the nigaoe bridge at ${url} but ${what} answered there`, {
    hint: 'Compare the address with the one that `nigaoe serve` printed.',
  });
}

/** The failure that an answer carries; one without a failure comes from a proxy or another program. */
export async function failureOf(answer: Response, url: string): Promise<NigaoeError> {
  const told = await tellFailure(answer);
  if (answer.status === 401) return unauthorised(told);
  if (told !== undefined) return fromFailure(told);
  const code = CODES[answer.status];
  if (code === undefined) return strangerAt(url, `a program that says ${answer.status}`);
  return new NigaoeError(code, `The bridge at ${url} answered with status ${answer.status}`);
}
/** For answers without a body that says more. */
const CODES: Record<number, FailureCode> = {
  403: 'forbidden',
  404: 'not-found',
  413: 'photo-too-large',
  429: 'busy',
  503: 'busy',
};

function unauthorised(told: Failure | undefined): NigaoeError {
  const message = told?.message ?? 'Expected a token that the bridge knows but it refused this one';
  return new NigaoeError('unauthorised', message, { hint: told?.hint ?? PAIR_AGAIN });
}

async function tellFailure(answer: Response): Promise<Failure | undefined> {
  const body: unknown = await answer.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null) return undefined;
  const failure = ('error' in body && typeof body.error === 'object' ? body.error : body) as Partial<Failure>;
  const known = typeof failure.code === 'string' && Object.hasOwn(FAILURES, failure.code);
  return known && typeof failure.message === 'string' ? (failure as Failure) : undefined;
}
