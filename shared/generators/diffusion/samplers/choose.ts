// The sampler of a drawing: the one that is wished for or the folder's own, on the noise that the network was trained on.

import { expected } from '../../../errors.js';
import { nearest } from '../../../options.js';
import type { DiffusionFolder } from '../folder.js';
import { schedulerConfig } from '../schedule/config.js';
import type { Sampler, SamplerRun } from './sampler.js';
import { SAMPLER_NAMES, SAMPLERS, type SamplerEntry, type SamplerName } from './table.js';

/** Lets the folder choose. */
const AUTO = 'auto';
/** Follows any table of noise, in few steps. */
const FALLBACK = 'dpm++';

/** Throws `options` with the nearest name. */
export function checkSampler(name: string): void {
  const names: readonly string[] = [AUTO, ...SAMPLER_NAMES];
  if (names.includes(name)) return;
  const guess = nearest(name, names);
  throw expected(`one of ${names.join(', ')}`, '--sampler', name, guess && `Did you mean ${guess}?`);
}

/** Opens the sampler of that name. Throws `options` for more steps than the network was trained on. */
export function chooseSampler(
  { scheduler }: DiffusionFolder,
  name: string,
  run: SamplerRun & { onNotice?: ((sentence: string) => void) | undefined },
): Sampler {
  const own = (Object.values(SAMPLERS) as SamplerEntry[]).find((entry) => entry.class === scheduler.class);
  if (name === AUTO && own === undefined)
    run.onNotice?.(`${scheduler.class} is not known here: ${FALLBACK} draws instead`);
  const entry: SamplerEntry = name === AUTO ? (own ?? SAMPLERS[FALLBACK]) : SAMPLERS[name as SamplerName];
  // As all pipelines of diffusers set them, whatever an old file says: pictures would end a step too early, and latents be cut.
  const forced = { steps_offset: 1, clip_sample: false };
  const config = schedulerConfig({ skip_prk_steps: true, ...scheduler.config, ...forced }, entry.defaults);
  const sampler = entry.open({ ...config, ...(name === AUTO ? {} : entry.always) }, run);
  if (Math.max(...sampler.timesteps) < config.num_train_timesteps) return sampler;
  throw expected(`fewer than ${config.num_train_timesteps} steps`, '--steps', run.steps);
}
