// The network that takes noise away, whatever its exporter made of its inputs.

import { NigaoeError } from '../../errors.js';
import type { Session } from '../../models/session.js';
import { rowsOf, sizeOf, type Tensor, tensor } from '../../tensor.js';
import { guided, isGuided } from './guidance.js';
import type { Denoise } from './samplers/sampler.js';

/** Embeddings `[1,77,D]` of a prompt and of its negative. */
export interface Conditions {
  positive: Tensor;
  negative: Tensor;
  guidanceScale: number;
  /** Channels that are added to the latents as they are: mask and masked latents of inpainting networks, `[1,5,h,w]`. */
  beside?: Tensor | undefined;
}

const KNOWN = ['sample', 'timestep', 'encoder_hidden_states', 'timestep_cond'];
/** Numbers that a guidance scale is spread to for networks that were distilled with it. */
const GUIDANCE_WIDTH = 256;

/**
 * Asks the network for both prompts, in one batch or, where its exporter fixed it to one, one after the other. Throws
 * `model-unsupported`
 * for a network with inputs that nobody feeds.
 */
export function denoiser(
  session: Session,
  conditions: Conditions,
  reopen: () => Promise<Session> = () => Promise.resolve(session),
): Denoise {
  checkInputs(session);
  const { positive, negative, guidanceScale } = conditions;
  // A network that is told the scale needs no second prompt.
  const isTwice = isGuided(guidanceScale) && !isDistilled(session);
  const batch = batchOf(session);
  const ask = async (latents: Tensor, timestep: number, hidden: readonly Tensor[]): Promise<Tensor[]> => {
    // A network of a fixed batch hears the last prompt again, and what it answers to that is left out.
    const filled = Array.from({ length: batch ?? hidden.length }, (_, at) => hidden[at] ?? hidden.at(-1));
    const feeds = feedsFor(session, conditions, { latents, timestep, hidden: filled });
    // A preview may have closed it to make room.
    return rowsOf(Object.values(await (await reopen()).run(feeds))[0]).slice(0, hidden.length);
  };
  return async (latents, timestep) => {
    if (!isTwice) return (await ask(latents, timestep, [positive]))[0];
    const prompts = batch === 1 ? [[negative], [positive]] : [[negative, positive]];
    const answers: Tensor[] = [];
    for (const each of prompts) answers.push(...(await ask(latents, timestep, each)));
    return guided(answers[0], answers[1], guidanceScale);
  };
}

function checkInputs({ inputs }: Session): void {
  const strange = inputs.map(({ name }) => name).filter((name) => !KNOWN.includes(name));
  if (strange.length === 0) return;
  throw new NigaoeError(
    'model-unsupported',
    `Expected a UNet of Stable Diffusion 1 or 2 but it wants ${strange.join(', ')}`,
    {
      hint: 'SDXL and ControlNet are not drawn here.',
    },
  );
}

const isDistilled = ({ inputs }: Session): boolean => inputs.some(({ name }) => name === 'timestep_cond');

/** How many latents the network takes at once, where its exporter fixed that. */
function batchOf({ inputs }: Session): number | undefined {
  const [batch] = inputs.find(({ name }) => name === 'sample')?.dims ?? [];
  return typeof batch === 'number' && batch > 0 ? batch : undefined;
}

/** The same latents for each prompt. */
function feedsFor(
  session: Session,
  { guidanceScale, beside }: Conditions,
  { latents, timestep, hidden }: { latents: Tensor; timestep: number; hidden: readonly Tensor[] },
): Record<string, Tensor> {
  const shown = beside === undefined ? latents : besideOf(latents, beside);
  const scale = isDistilled(session) && spreadScale(guidanceScale - 1);
  return {
    sample: stacked(hidden.map(() => shown)),
    timestep: timestepFor(session, timestep),
    encoder_hidden_states: stacked(hidden),
    ...(scale && { timestep_cond: stacked(hidden.map(() => scale)) }),
  };
}

/** A number without axes, one on an axis, or as many as a port of a fixed size wants. */
function timestepFor({ inputs }: Session, timestep: number): Tensor {
  const dims = inputs.find(({ name }) => name === 'timestep')?.dims ?? [];
  if (dims.length === 0) return tensor([], Float32Array.of(timestep));
  const length = typeof dims[0] === 'number' && dims[0] > 1 ? dims[0] : 1;
  return tensor([length], new Float32Array(length).fill(timestep));
}

/** Tensors `[1,...]` as one `[N,...]`. */
function stacked(rows: readonly Tensor[]): Tensor {
  if (rows.length === 1) return rows[0];
  const [{ dims, data: first }] = rows;
  const data = new Float32Array(rows.length * first.length);
  for (const [at, row] of rows.entries()) data.set(row.data, at * first.length);
  return tensor([rows.length, ...dims.slice(1)], data);
}

/** [N, C, h, w] and [1, c, h, w] -> [N, C + c, h, w] */
function besideOf({ dims: [count, channels, height, width], data }: Tensor, beside: Tensor): Tensor {
  const [own, extra] = [channels * height * width, sizeOf(beside.dims)];
  const joined = new Float32Array(count * (own + extra));
  for (let at = 0; at < count; at++) {
    joined.set(data.subarray(at * own, (at + 1) * own), at * (own + extra));
    joined.set(beside.data, at * (own + extra) + own);
  }
  return tensor([count, channels + beside.dims[1], height, width], joined);
}

/** Luo et al. 2023: the scale in sines and cosines, as timesteps are. */
function spreadScale(scale: number): Tensor {
  const half = GUIDANCE_WIDTH / 2;
  const data = new Float32Array(GUIDANCE_WIDTH).map((_, at) => {
    const angle = scale * 1000 * Math.exp((-Math.log(10_000) * (at % half)) / (half - 1));
    return at < half ? Math.sin(angle) : Math.cos(angle);
  });
  return tensor([1, GUIDANCE_WIDTH], data);
}
