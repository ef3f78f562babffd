// Linear multistep (Adams and Bashforth): the last slopes, each as long as its polynomial says.

import type { Tensor } from '../../../tensor.js';
import { overSigmas, slope, stationsOf } from './euler.js';
import { combine, type OpenSampler } from './sampler.js';

const ORDER = 4;

export const openLms: OpenSampler = (config, { steps }) => {
  const stations = stationsOf(steps, config);
  const { sigmas } = stations;
  /** Newest first. */
  let slopes: Tensor[] = [];
  return {
    ...overSigmas(stations, config),
    step(answer, latents, at) {
      slopes = [slope(answer, latents, sigmas[at], config), ...slopes].slice(0, ORDER);
      const order = Math.min(at + 1, ORDER);
      const terms = slopes
        .slice(0, order)
        .map((each, back) => [coefficient(sigmas, { at, back, order }), each] as const);
      return combine([1, latents], ...terms);
    },
  };
};

/** The integral over the step of the polynomial that is 1 at the sigma so many steps back, and 0 at the others. */
function coefficient(
  sigmas: readonly number[],
  { at, back, order }: { at: number; back: number; order: number },
): number {
  const own = sigmas[at - back];
  const others = Array.from({ length: order }, (_, place) => place)
    .filter((place) => place !== back)
    .map((place) => sigmas[at - place]);
  // Lowest power first.
  const polynomial = others.reduce<number[]>(
    (product, root) => times(product, [-root / (own - root), 1 / (own - root)]),
    [1],
  );
  const integral = (end: number) =>
    polynomial.reduce((sum, factor, power) => sum + (factor * end ** (power + 1)) / (power + 1), 0);
  return integral(sigmas[at + 1]) - integral(sigmas[at]);
}

function times(one: readonly number[], other: readonly number[]): number[] {
  const product = new Array<number>(one.length + other.length - 1).fill(0);
  for (const [i, a] of one.entries()) for (const [j, b] of other.entries()) product[i + j] += a * b;
  return product;
}
