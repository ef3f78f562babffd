// What a LoRA adds to a weight: the product of its factors, by its strength (Hu et al. 2022, equation 3).

import { NigaoeError } from '../../errors.js';
import { sizeOf, type Tensor } from '../../tensor.js';
import type { LoraPart } from './names.js';

/** The tensors of one module. */
export type LoraModule = Readonly<Partial<Record<LoraPart, Tensor>>>;

/**
 * strength (alpha / rank) up down, in the shape of the weight: dense `[out, in]` or a kernel `[out, in, h, w]`. Without alpha
 * it is the rank. Throws `model-unsupported` where the shapes do not fit, which is a LoRA of another base model.
 */
export function loraDelta(
  module: LoraModule,
  dims: readonly number[],
  { strength, name }: { strength: number; name: string },
): Float32Array {
  const { product, rank, shape } = module.w1_a === undefined ? factors(module, name) : hadamard(module, name);
  if (!isFitting(shape, dims)) throw unfit(name, `[${dims.join(', ')}]`, `[${shape.join(', ')}]`);
  const alpha = module.alpha?.data[0] ?? rank;
  const factor = (strength * alpha) / rank;
  return product.map((value) => value * factor);
}

/** Whether a change `[out, numbers of each]` is one for a weight of these dims, `[out, in]` or `[out, in, h, w]`. */
export const isFitting = ([outputs, per]: readonly number[], dims: readonly number[]): boolean =>
  outputs === dims[0] && outputs * per === sizeOf(dims);

/** The shape `[out, numbers of each]` of a change, before it is computed. Throws as `loraDelta` where a factor is missing. */
export function loraShape({ down, up, mid, w1_a, w1_b }: LoraModule, name: string): readonly number[] {
  if (w1_a !== undefined) return [w1_a.dims[0], w1_b === undefined ? 0 : w1_b.data.length / w1_b.dims[0]];
  if (down === undefined || up === undefined) throw missingFactor(name);
  // The map below a kernel in the middle has the rank on its first axis, the kernel its area on the last two.
  const area = mid === undefined ? 1 : mid.dims[2] * mid.dims[3];
  return [up.dims[0], (down.data.length / down.dims[0]) * area];
}

interface Product {
  product: Float32Array;
  rank: number;
  /** Outputs, then the numbers that each is made of. */
  shape: readonly number[];
}

function factors({ down, up, mid }: LoraModule, name: string): Product {
  if (down === undefined || up === undefined) throw missingFactor(name);
  const rank = down.dims[0];
  const inner = mid === undefined ? down : tucker(mid, down);
  const [outputs, per] = [up.dims[0], inner.data.length / inner.dims[0]];
  if (up.data.length !== outputs * inner.dims[0])
    throw unfit(name, `${inner.dims[0]} columns`, up.dims.join(' x '));
  return {
    product: multiply(up.data, inner.data, [outputs, inner.dims[0], per]),
    rank,
    shape: [outputs, per],
  };
}

/** LoHa (Hyeon-Woo et al. 2022): (w1_a w1_b) times (w2_a w2_b), number by number. */
function hadamard({ w1_a, w1_b, w2_a, w2_b }: LoraModule, name: string): Product {
  const [one, other] = [
    [w1_a, w1_b],
    [w2_a, w2_b],
  ].map(([a, b]) => {
    if (a === undefined || b === undefined || a.dims[1] !== b.dims[0])
      throw unfit(name, 'two pairs of factors', 'others');
    return multiply(a.data, b.data, [a.dims[0], b.dims[0], b.data.length / b.dims[0]]);
  });
  const [outputs, rank] = [(w1_a as Tensor).dims[0], (w1_b as Tensor).dims[0]];
  return { product: one.map((value, at) => value * other[at]), rank, shape: [outputs, one.length / outputs] };
}

/** A kernel in the middle, mid [a, b, h, w], with the map below it, down [b, in, 1, 1]: [a, in, h, w]. */
function tucker(mid: Tensor, down: Tensor): Tensor {
  const [upper, lower, height, width] = mid.dims;
  const [area, inputs] = [height * width, down.data.length / lower];
  const data = new Float32Array(upper * inputs * area);
  for (let a = 0; a < upper; a++)
    for (let b = 0; b < lower; b++)
      for (let input = 0; input < inputs; input++)
        for (let place = 0; place < area; place++)
          data[(a * inputs + input) * area + place] +=
            mid.data[(a * lower + b) * area + place] * down.data[b * inputs + input];
  return { dims: [upper, inputs, height, width], data };
}

/** [n, m] times [m, k], added up in float64. */
function multiply(
  a: Float32Array,
  b: Float32Array,
  [n, m, k]: readonly [number, number, number],
): Float32Array {
  const product = new Float32Array(n * k);
  const line = new Float64Array(k);
  for (let row = 0; row < n; row++) {
    line.fill(0);
    for (let at = 0; at < m; at++) {
      const factor = a[row * m + at];
      for (let column = 0; column < k; column++) line[column] += factor * b[at * k + column];
    }
    product.set(line, row * k);
  }
  return product;
}

const missingFactor = (name: string): NigaoeError =>
  new NigaoeError('model-unsupported', `Expected both factors for ${name} of the LoRA but one is missing`, {
    hint: 'Fetch the file again.',
  });

const unfit = (name: string, wanted: string, got: string): NigaoeError =>
  new NigaoeError('model-unsupported', `Expected a change of ${wanted} for ${name} but the LoRA has ${got}`, {
    hint: 'It was trained for another base model: Stable Diffusion 1, 2 and XL take LoRAs of their own.',
  });
