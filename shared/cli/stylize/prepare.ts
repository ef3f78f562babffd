// What drawing commands settle before any photo is read: the options, the models that these take, and the scope.

import { expected } from '../../errors.js';
import { type IsolationOptions, openIsolatedStylizer } from '../../isolated.js';
import type { ModelEntry } from '../../models/entry.js';
import { allEntries } from '../../models/store/installed.js';
import { openStore } from '../../models/store/store.js';
import { isStyleFile, nameOfStyleFile, traitsOf } from '../../models/styles.js';
import { DIFFUSION_NAMES, isDiffusion, OPTION_NAMES, type Options, parseOptions } from '../../options.js';
import type { DrawnScope } from '../../scopes.js';
import type { Stylizer } from '../../stylizer.js';
import { checkIdle, type FlagValues, tableValues } from '../flags.js';
import { faceModelsFor, fetchModel, stylesFor } from '../models/fetch.js';
import type { Stage } from '../perform.js';

/** A drawing command whose wishes can be met. */
interface Prepared {
  options: Options;
  scope: DrawnScope;
  /** What a result's name gets after the photo's own. */
  suffix: string;
  /** Fetches the models that are not there and opens the engine; throws what the store throws. */
  open(isolation?: IsolationOptions): Promise<Stylizer>;
}

/** Throws `options`, `model-unknown` and `model-missing`. */
export async function prepare(flags: FlagValues, stage: Stage): Promise<Prepared> {
  const options = parseOptions(tableValues(flags, OPTION_NAMES));
  const isToldWishes = [options.style, options.background].some(isDiffusion);
  if (!isToldWishes) checkIdle(flags, DIFFUSION_NAMES, `the style ${options.style}`);
  const acceptLicence = flags.acceptLicence === true;
  const store = openStore();
  const entries = await allEntries(store, (sentence) => stage.terminal.notice(sentence));
  const models = [...(await stylesFor(options, entries)), ...faceModelsFor(options)];
  return {
    options,
    scope: await scopeOf(options, entries),
    suffix: nameOfStyle(options.style),
    async open(isolation) {
      for (const entry of models) await fetchModel(store, entry, { acceptLicence, stage });
      return openIsolatedStylizer({ acceptLicence, ...isolation });
    },
  };
}

/** What will be drawn; throws `options` for a background that would never be seen. */
async function scopeOf(
  { style, scope: wish, background }: Options,
  entries: readonly ModelEntry[],
): Promise<DrawnScope> {
  const scope = wish === 'auto' ? (await traitsOf(style, entries)).scope : wish;
  if (background === '' || scope === 'faces') return scope;
  const hint = '--background needs --scope faces: it draws what is not a face.';
  throw expected('scope faces', '--background', scope, hint);
}

/** A style that is a file gives its name without folder and extension. */
function nameOfStyle(style: string): string {
  return isStyleFile(style) ? nameOfStyleFile(style) : style;
}
