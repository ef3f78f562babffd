// Sentences of the core in the words of a client: the core names options as the command line does, `--max-side`, and clients
// know them as `maxSide`.

import { asFailure, type Failure, NigaoeError } from '../errors.js';
import { flagOf, OPTION_NAMES } from '../options.js';
import type { Stylizer } from '../stylizer.js';
import type { BridgeLimits } from './limits.js';

const NAMES: ReadonlyMap<string, string> = new Map(OPTION_NAMES.map((name) => [flagOf(name), name]));

/** The failure as a client of a bridge with these limits should read it. */
export function wordFailure(failure: Failure, { megapixels }: BridgeLimits): Failure {
  const { code, message, hint, tooLow } = failure;
  const isBeyond = tooLow?.option === 'maxPixels' && tooLow.needs > megapixels;
  const advice = isBeyond ? 'Scale the photo down first' : hint;
  return { code, message: words(message), ...(advice === undefined ? {} : { hint: words(advice) }) };
}

/** The same stylizer, whose failures and notices go to clients. */
export function wordStylizer(stylizer: Stylizer, limits: BridgeLimits): Stylizer {
  return {
    async stylize(...call) {
      try {
        const drawn = await stylizer.stylize(...call);
        return { ...drawn, notices: drawn.notices.map(words) };
      } catch (error) {
        throw wordError(asFailure(error), limits);
      }
    },
    close: () => stylizer.close(),
  };
}

function wordError(error: NigaoeError, limits: BridgeLimits): NigaoeError {
  const { code, message, hint } = wordFailure(error.toJSON(), limits);
  return new NigaoeError(code, message, { hint, cause: error.cause });
}

const words = (sentence: string): string =>
  sentence.replace(/--[a-z]+(?:-[a-z]+)*/g, (flag) => NAMES.get(flag) ?? flag);
