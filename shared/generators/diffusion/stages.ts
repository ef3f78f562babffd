// Drawing by labels: noise becomes pictures in many small steps, and some stages on the way are kept to be looked at.

import { sizeOf, type Tensor, tensor } from '../../tensor.js';
import { type Noise, torchNoise } from './noise.js';
import { sample } from './samplers/sampler.js';
import { SAMPLERS, type SamplerEntry, type SamplerName } from './samplers/table.js';
import type { SchedulerConfig } from './schedule/config.js';

/** What a network is asked: noisy pictures `[N,C,H,W]`, timesteps `[N]`, labels `[N]`; it answers with their noise. */
export type AskLabelled = (feeds: Record<'sample' | 'timestep' | 'label', Tensor>) => Promise<Tensor>;

export interface StagesOptions {
  /** Channels, height, width. */
  dims: readonly number[];
  /** What each picture is to show. */
  labels: readonly number[];
  /** What the noise of each picture is drawn from: a picture does not depend on those beside it. */
  seeds: readonly number[];
  schedule: SchedulerConfig;
  sampler: SamplerName;
  steps: number;
  /** Stages that are kept, evenly from noise to picture; 1: the pictures alone. */
  stages: number;
  signal?: AbortSignal | undefined;
  onStep?: ((done: number, total: number) => void) | undefined;
}

/**
 * The stages, each `[N,C,H,W]` in -1..1 but for the noise that is left; the last are the pictures. Throws `cancelled`
 * between steps.
 */
export async function drawStages(ask: AskLabelled, options: StagesOptions): Promise<Tensor[]> {
  const { dims, labels, seeds, schedule, sampler: name, steps, stages, signal, onStep } = options;
  const noise = noiseOfEach(seeds);
  const { open, always }: SamplerEntry = SAMPLERS[name];
  const sampler = open({ ...schedule, ...always }, { steps, noise });
  const total = sampler.timesteps.length;
  const count = labels.length;
  const label = tensor([count], Float32Array.from(labels));
  const start = tensor(
    [count, ...dims],
    noise(count * sizeOf(dims)).map((value) => value * sampler.initNoiseSigma),
  );
  const wanted = new Set(
    Array.from({ length: stages - 1 }, (_, at) => Math.round((at * total) / (stages - 1))),
  );
  const kept: Tensor[] = wanted.has(0) ? [start] : [];
  const picture = await sample(
    sampler,
    (latents, timestep) =>
      ask({ sample: latents, timestep: tensor([count], new Float32Array(count).fill(timestep)), label }),
    start,
    {
      ...(signal && { signal }),
      onStep(done, latents) {
        if (done < total && wanted.has(done)) kept.push(latents);
        onStep?.(done, total);
        return undefined;
      },
    },
  );
  return [...kept, picture];
}

/** The numbers of all pictures one after the other, each from a seed of its own. */
function noiseOfEach(seeds: readonly number[]): Noise {
  const each = seeds.map(torchNoise);
  return (count) => {
    const all = new Float32Array(count);
    const size = count / each.length;
    for (const [at, noise] of each.entries()) all.set(noise(size), at * size);
    return all;
  };
}
