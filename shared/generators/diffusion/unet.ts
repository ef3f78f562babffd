// The network that takes noise away, whatever its exporter made of its inputs.

import { NigaoeError } from '../../errors.js';
import type { Session } from '../../models/session.js';
import { sizeOf, type Tensor, tensor } from '../../tensor.js';
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
 * Asks the network for both prompts, one after the other or as one batch. Throws `model-unsupported` for a network with inputs that
 * nobody feeds.
 */
export function denoiser(
  session: Session,
  conditions: Conditions,
  { isBatched = true, reopen = () => Promise.resolve(session) } = {},
): Denoise {
  const names = session.inputs.map(({ name }) => name);
  const strange = names.filter((name) => !KNOWN.includes(name));
  if (strange.length > 0)
    throw new NigaoeError(
      'model-unsupported',
      `Expected a UNet of Stable Diffusion 1 or 2 but it wants ${strange.join(', ')}`,
      {
        hint: 'SDXL and ControlNet are not drawn here.',
      },
    );
  const { positive, negative, guidanceScale, beside } = conditions;
  // A network that is told the scale needs no second prompt.
  const isDistilled = names.includes('timestep_cond');
  const isTwice = isGuided(guidanceScale) && !isDistilled;
  const ask = async (latents: Tensor, timestep: number, hidden: Tensor): Promise<Tensor> => {
    const feeds: Record<string, Tensor> = {
      sample: beside === undefined ? latents : besideOf(latents, beside),
      timestep: timestepFor(session, timestep),
      encoder_hidden_states: hidden,
    };
    if (isDistilled) feeds.timestep_cond = spreadScale(guidanceScale - 1);
    // A preview may have closed it to make room.
    return Object.values(await (await reopen()).run(feeds))[0];
  };
  return async (latents, timestep) => {
    if (!isTwice) return ask(latents, timestep, positive);
    if (!isBatched)
      return guided(
        await ask(latents, timestep, negative),
        await ask(latents, timestep, positive),
        guidanceScale,
      );
    const both = await ask(twice(latents, latents), timestep, twice(negative, positive));
    const [without, withIt] = halves(both);
    return guided(without, withIt, guidanceScale);
  };
}

/** A number without axes, one on an axis, or as many as a port of a fixed size wants. */
function timestepFor({ inputs }: Session, timestep: number): Tensor {
  const dims = inputs.find(({ name }) => name === 'timestep')?.dims ?? [];
  if (dims.length === 0) return tensor([], Float32Array.of(timestep));
  const length = typeof dims[0] === 'number' && dims[0] > 1 ? dims[0] : 1;
  return tensor([length], new Float32Array(length).fill(timestep));
}

function twice(one: Tensor, other: Tensor): Tensor {
  const data = new Float32Array(one.data.length + other.data.length);
  data.set(one.data);
  data.set(other.data, one.data.length);
  return tensor([one.dims[0] + other.dims[0], ...one.dims.slice(1)], data);
}

function halves({ dims: [count, ...dims], data }: Tensor): [Tensor, Tensor] {
  const half = data.length / 2;
  return [tensor([count / 2, ...dims], data.slice(0, half)), tensor([count / 2, ...dims], data.slice(half))];
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
