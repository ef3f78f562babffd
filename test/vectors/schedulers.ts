// Whole runs of samplers over a network that is a formula, as diffusers' own tests have them.

import assert from 'node:assert/strict';
import { torchNoise } from '../../shared/generators/diffusion/noise.js';
import { varianceOf } from '../../shared/generators/diffusion/samplers/ddim.js';
import type { Sampler } from '../../shared/generators/diffusion/samplers/sampler.js';
import { SAMPLERS, type SamplerEntry } from '../../shared/generators/diffusion/samplers/table.js';
import { schedulerConfig } from '../../shared/generators/diffusion/schedule/config.js';
import { noiseTables } from '../../shared/generators/diffusion/schedule/tables.js';
import { firstCall } from '../../shared/generators/diffusion/start.js';
import { type Tensor, tensor } from '../../shared/tensor.js';
import { type Check, nearly, same } from './check.js';

interface Loop {
  id: string;
  scheduler: string;
  config: Record<string, unknown>;
  num_inference_steps: number | null;
  loop: 'plain' | 'overwrite' | 'pipeline';
  multiply_by_init_noise_sigma: boolean;
  t_start?: number;
  eta?: number;
  timesteps?: number[];
  sigmas?: number[];
  init_noise_sigma?: number;
  expected?: Result;
  rerun?: Result;
  tolerance_rel?: number;
}

interface Result {
  sum_abs: number;
  mean_abs: number;
  flat_probe: Record<string, number>;
}

const DIMS = [4, 3, 8, 8];
const COUNT = 768;

/** The batch runs fastest in the numbers, though not in the array. */
const counted = (value: (number: number) => number): Tensor => {
  const [batch] = DIMS;
  const size = COUNT / batch;
  return tensor(
    DIMS,
    new Float32Array(COUNT).map((_, at) => value((at % size) * batch + Math.floor(at / size))),
  );
};
const SAMPLE = counted((number) => number / COUNT);
const NOISE = counted((number) => (COUNT - 1 - number) / COUNT);

/** The network: float32 all along, as upstream's. */
const answer = ({ dims, data }: Tensor, timestep: number): Tensor => {
  const [over, under] = [Math.fround(timestep), Math.fround(Math.fround(timestep) + 1)];
  return tensor(
    dims,
    data.map((value) => Math.fround(value * over) / under),
  );
};

/** Cases whose numbers are ill-conditioned: what the facts allow them. */
const LOOSE: Readonly<Record<string, number>> = {
  'pndm/set_alpha_to_one': 5e-5,
  'pndm/no_set_alpha_to_one': 5e-5,
  'ddpm/with_noise': 1e-4,
  'lcm/onestep': 3e-5,
  'sdturbo/euler-1-trailing': 2e-5,
  'sdxlturbo/eulera-1-trailing': 2e-5,
};

export function checkLoops(loops: readonly Loop[]): Check[] {
  return loops.map((loop) => ({
    id: loop.id,
    run: () => {
      const sampler = open(loop);
      if (loop.timesteps) nearly('timesteps', [...sampler.timesteps], loop.timesteps, { relative: 1e-6 });
      if (loop.init_noise_sigma !== undefined)
        nearly('init_noise_sigma', [sampler.initNoiseSigma], [loop.init_noise_sigma], { relative: 1e-6 });
      const { data } = runLoop(sampler, loop);
      const wanted = (loop.expected ?? loop.rerun) as Result;
      const relative = Math.max(LOOSE[loop.id] ?? 0, loop.tolerance_rel ?? 1e-5);
      const sum = data.reduce((total, value) => total + Math.abs(value), 0);
      nearly('sum of |x|', [sum], [wanted.sum_abs], { relative });
      nearly('mean of |x|', [sum / COUNT], [wanted.mean_abs], { relative });
      const places = Object.keys(wanted.flat_probe).map(Number);
      nearly(
        'probes',
        places.map((place) => data[place]),
        places.map((place) => wanted.flat_probe[place]),
        { relative: Math.max(1e-5, relative), absolute: 1e-5 * wanted.mean_abs },
      );
    },
  }));
}

function entryOf(scheduler: string): SamplerEntry {
  const bare = (name: string) => name.replace(/Discrete|Scheduler/g, '');
  const found = (Object.values(SAMPLERS) as SamplerEntry[]).find(
    (entry) => bare(entry.class) === bare(scheduler),
  );
  if (found === undefined) throw new Error(`no sampler of the class ${scheduler}`);
  return found;
}

function open({ scheduler, config, num_inference_steps: steps, eta }: Loop): Sampler {
  const entry = entryOf(scheduler);
  const filled = schedulerConfig({ ...config, eta }, entry.defaults);
  // Without a number of steps all timesteps of the training are run.
  return entry.open(filled, { steps: steps ?? filled.num_train_timesteps, noise: torchNoise(0) });
}

function runLoop(sampler: Sampler, loop: Loop): Tensor {
  const { loop: kind, t_start: start = 0, multiply_by_init_noise_sigma: isScaled } = loop;
  const factor = isScaled ? sampler.initNoiseSigma : 1;
  let x = tensor(
    DIMS,
    SAMPLE.data.map((value) => value * factor),
  );
  if (loop.t_start !== undefined) x = sampler.noised(x, NOISE, start);
  for (let at = start; at < sampler.timesteps.length; at++) {
    const scaled = sampler.scaled(x, at);
    if (kind === 'overwrite') x = scaled;
    x = sampler.step(answer(kind === 'plain' ? x : scaled, sampler.timesteps[at]), x, at);
  }
  return x;
}

interface Schedule {
  id: string;
  config?: Record<string, unknown>;
  num_inference_steps?: number;
  timesteps?: number[];
  t_prevt_value?: [number, number, number][];
  tolerance_abs?: number;
  custom_timesteps?: number[];
  /** Of each of these the one that follows, -1 after the last. */
  previous?: number[];
  expect?: 'error';
  betas?: Record<string, number>;
  alphas_cumprod?: Record<string, number>;
  sigmas?: Record<string, number>;
}

/** Tables, timesteps and variances by themselves. */
export function checkSchedules(schedules: readonly Schedule[]): Check[] {
  return schedules.map((schedule) => ({
    id: schedule.id,
    run: () => (schedule.custom_timesteps === undefined ? checkSchedule : checkOwn)(schedule),
  }));
}

const SD15 = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' };

/** Timesteps of one's own: refused where they do not fall, and else followed one by one. */
function checkOwn({ custom_timesteps: timesteps = [], previous = [], expect }: Schedule): void {
  const open = () => SAMPLERS.ddpm.open(schedulerConfig({}), { steps: 0, noise: torchNoise(0), timesteps });
  if (expect === 'error') {
    assert.throws(open, { code: 'options' });
    return;
  }
  same('timesteps', open().timesteps, [timesteps[0], ...previous.slice(0, -1)]);
}

function checkSchedule(schedule: Schedule): void {
  const { id, timesteps, t_prevt_value: variances } = schedule;
  const isZeroSnr = id === 'zero-snr-table';
  const given = schedule.config ?? { ...SD15, ...schedule, rescale_betas_zero_snr: isZeroSnr };
  const config = schedulerConfig(given, SAMPLERS.ddim.defaults);
  const { betas, alphasCumprod, sigmas } = noiseTables(config);
  if (timesteps !== undefined) {
    const steps = schedule.num_inference_steps as number;
    same('timesteps', SAMPLERS.ddim.open(config, { steps, noise: torchNoise(0) }).timesteps, timesteps);
  }
  for (const [now, before, value] of variances ?? [])
    nearly(`variance ${now}`, [varianceOf(alphasCumprod[now], alphasCumprod[before])], [value], {
      absolute: schedule.tolerance_abs,
    });
  const tables = { betas, alphas_cumprod: alphasCumprod, sigmas };
  for (const [name, table] of Object.entries(tables))
    for (const [at, value] of Object.entries(schedule[name as keyof typeof tables] ?? {}))
      nearly(`${name} ${at}`, [table[Number(at)]], [value], { relative: 1e-6 });
}

interface Img2img {
  num_inference_steps: number;
  strength: number;
  modern: { t_start: number; steps_run: number };
}

/** Where a run over a picture begins. */
export function checkStarts(rows: readonly Img2img[]): Check[] {
  return rows.map(({ num_inference_steps: steps, strength, modern }) => ({
    id: `${steps} steps at strength ${strength}`,
    run: () => {
      const from = firstCall(steps, strength);
      same('the first call and their number', [from, steps - from], [modern.t_start, modern.steps_run]);
    },
  }));
}
