// Pictures out of numbers: decoders and generators of trainings.

import { expected, throwIfCancelled } from '../../errors.js';
import { type LatentGenerator, latentOf, openLatentGenerator, walk } from '../../generators/latent.js';
import { parseTable } from '../../options.js';
import type { Tensor } from '../../tensor.js';
import { checkIdle, type FlagValues, given } from '../flags.js';
import type { Stage } from '../perform.js';
import { IMAGINE_OPTIONS, PROMPT_NAMES } from './options.js';
import type { Source } from './source.js';

/** Pictures of one command. */
const MOST = 4096;

export async function latentSource(model: string, flags: FlagValues, stage: Stage): Promise<Source> {
  checkIdle(flags, PROMPT_NAMES, `${model}, which draws from numbers`);
  const options = parseTable(IMAGINE_OPTIONS, given(flags, Object.keys(IMAGINE_OPTIONS)));
  const generator = await openLatentGenerator(model, options);
  const { seed, count, interpolate } = options;
  const latents = latentsFor(generator, options);
  return {
    device: generator.device,
    licence: generator.label.licence,
    count: latents.length,
    columns: options.columns || options.interpolate || Math.ceil(Math.sqrt(latents.length)),
    told: { seed, count, interpolate },
    pictures: () => drawAll(generator, latents, stage),
    close: () => generator.close(),
  };
}

async function* drawAll(
  generator: LatentGenerator,
  latents: readonly Float32Array[],
  { terminal, signal }: Stage,
): AsyncGenerator<Tensor> {
  for (const [at, numbers] of latents.entries()) {
    throwIfCancelled(signal);
    yield await generator.draw(numbers);
    const done = at + 1;
    terminal.progress({ done, total: latents.length, text: `picture ${done} of ${latents.length}` });
  }
}

function latentsFor(
  { latent }: LatentGenerator,
  { count, seed, interpolate }: { count: number; seed: number; interpolate: number },
) {
  const ends = Array.from({ length: count }, (_, index) => latentOf(latent, seed, index));
  if (interpolate === 0) return ends;
  if (count * interpolate > MOST)
    throw expected(`at most ${MOST} pictures`, '--count times --interpolate', count * interpolate);
  if (count < 2) throw expected('at least 2', '--count', count, 'A walk leads from one picture to another.');
  return ends.slice(1).flatMap((end, at) => walk(ends[at], end, latent, interpolate));
}
