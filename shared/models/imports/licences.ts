// What the user says of an imported model's licence, as the terms that go with every picture.

import { NigaoeError } from '../../errors.js';
import type { Licence } from '../entry.js';
import { idsLike, spdxIdOf } from './spdx.js';

export interface LicenceWishes {
  /** An SPDX id, or any words. */
  licence?: string | undefined;
  /** Whether pictures may be used commercially; default: what is known of the licence, else not. */
  commercial?: boolean | undefined;
}

const NOT_STATED: Licence = {
  name: 'not stated',
  commercial: false,
  notice:
    'The licence of this style was not stated when it was imported: ask its author before commercial use.',
};

/** Whether the name of a licence forbids commercial use. */
export const isNonCommercial = (name: string): boolean =>
  /(^|[^a-z])nc([^a-z]|$)|non[\s_-]*commercial|not for commercial/i.test(name);

/**
 * The licence that the user states, else what the file says of itself, else none. Throws `options` where commercial use is
 * allowed without a licence that allows it.
 */
export function licenceFor({ licence, commercial }: LicenceWishes, told: Licence | undefined): Licence {
  const words = licence?.trim();
  if (words !== undefined) return stated(words, commercial);
  if (commercial !== true) return told && commercial === undefined ? told : (forbidden(told) ?? NOT_STATED);
  throw new NigaoeError('options', 'Expected a licence beside --commercial but none is named', {
    hint: 'Name the one that allows it: --licence MIT, or for your own work --licence "own work" --commercial.',
  });
}

/** The licence that a file names without saying what it allows. */
export function licenceNamed(name: string): Licence {
  const { commercial, ...licence } = termsOf(name, undefined);
  return { ...licence, commercial, notice: noticeOf(licence.name, commercial, 'as its file says') };
}

/** Why words that sound like a well-known licence are not taken for one; undefined where there is nothing to say. */
export function licenceAdvice({ licence, commercial }: LicenceWishes): string | undefined {
  const ids = licence === undefined || commercial !== undefined ? [] : idsLike(licence);
  if (ids.length === 0) return undefined;
  return `${licence} does not say which licence it is, so pictures will say that they are not for commercial use; state it: ${ids.join(', ')}`;
}

const forbidden = (told: Licence | undefined): Licence | undefined => told && stated(told.name, false);

function stated(words: string, wish: boolean | undefined): Licence {
  if (wish === true && isNonCommercial(words)) throw contradiction(words);
  const { name, commercial } = termsOf(words, wish);
  return { name, commercial, notice: noticeOf(name, commercial, 'as was stated when it was imported') };
}

function termsOf(words: string, wish: boolean | undefined): Pick<Licence, 'name' | 'commercial'> {
  const known = spdxIdOf(words);
  return { name: known ?? words, commercial: wish ?? known !== undefined };
}

function noticeOf(name: string, commercial: boolean, how: string): string {
  return `This style is under ${name}${commercial ? '' : ', not for commercial use'}, ${how}.`;
}

function contradiction(words: string): NigaoeError {
  const message = `Expected a licence that allows commercial use beside --commercial but ${JSON.stringify(words)} forbids it`;
  return new NigaoeError('options', message, {
    hint: 'Leave --commercial out; or name what allows it, such as --licence "permission of the author".',
  });
}
