// Whose fault a failure is, and so what becomes of the photo and of the watch.

import { codeOf, type FailureCode, type NigaoeError } from '../../errors.js';

/**
 * aside: the photo cannot be drawn, whoever tries. later: it could not be drawn now, others may. pause: nothing can be
 * written for the moment. stop: no photo can be drawn before somebody repairs something.
 */
export type Verdict = 'aside' | 'later' | 'pause' | 'stop';

/** A failure that is not the photo's own must never move it aside. */
const VERDICTS: Readonly<Record<FailureCode, Verdict>> = {
  'photo-unreadable': 'aside',
  'photo-refused': 'aside',
  'photo-too-large': 'aside',
  'no-face': 'aside',
  // While a photo is drawn: the model may not take a picture of this size.
  'model-corrupt': 'later',
  'model-unsupported': 'later',
  // Among others a process that died for want of memory.
  'program-missing': 'later',
  'program-failed': 'later',
  internal: 'later',
  busy: 'later',
  unreachable: 'later',
  'not-found': 'later',
  'output-unwritable': 'pause',
  options: 'stop',
  'model-unknown': 'stop',
  'model-missing': 'stop',
  'model-download': 'stop',
  'licence-not-accepted': 'stop',
  'store-unwritable': 'stop',
  'device-absent': 'stop',
  unauthorised: 'stop',
  forbidden: 'stop',
  conflict: 'stop',
  misdirected: 'stop',
  'not-worthwhile': 'stop',
  cancelled: 'stop',
};

/** Codes of the system that concern the name of one result, and not the disk under all of them. */
const OF_ONE_NAME: readonly (string | undefined)[] = ['ENAMETOOLONG', 'EISDIR', 'EEXIST', 'EINVAL'];

/** A code of the system behind a failure says more than the failure's own: a file that is locked is no broken photo. */
export function verdictOf({ code, cause }: NigaoeError): Verdict {
  const system = codeOf(cause);
  if (code === 'photo-unreadable' && system !== undefined) return 'later';
  if (code === 'output-unwritable' && OF_ONE_NAME.includes(system)) return 'later';
  return VERDICTS[code];
}

/** Whether a photo that failed so may only not be complete yet. */
export function mayBeIncomplete({ code }: NigaoeError): boolean {
  return code === 'photo-unreadable' || code === 'photo-refused';
}
