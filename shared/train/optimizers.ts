// Optimizers: how a step renews what is learned. Names and defaults are those of PyTorch.

import * as a from './arithmetic.js';
import { gradients } from './gradients.js';
import { sumOf } from './losses.js';
import type { Node } from './ops.js';
import type { Weights } from './weights.js';

/** A learning rate, or one that depends on the step (the first is 1). */
export type Rate = number | ((step: number) => number);
/** value, gradient -> next value; what it remembers lies under `memory`. */
type Update = (value: Node, gradient: Node, memory: Weights) => Node;
/** Its update for the networks of that name: a graph may hold several. */
export type Optimizer = (networks: string) => Update;

/** A number that is told anew at each step. */
const scalarAt = (name: string, at: (step: number) => number): Node =>
  a.input(name, [], ({ step }) => Float32Array.of(at(step)));
const rateAt = (rate: Rate, step: number): number => (typeof rate === 'number' ? rate : rate(step));

interface SgdOptions {
  rate: Rate;
  momentum?: number;
  weightDecay?: number;
}

/** v = momentum v + g, p = p - rate v. */
export const sgd =
  ({ rate, momentum = 0, weightDecay = 0 }: SgdOptions): Optimizer =>
  (networks) => {
    const factor = scalarAt(`${networks} rate`, (step) => rateAt(rate, step));
    return (value, gradient, memory) => {
      const slope = decayed(gradient, value, weightDecay);
      if (momentum === 0) return a.subtract(value, a.multiply(slope, factor));
      const velocity = a.add(a.multiply(memory.kept('velocity', value.dims, 0), momentum), slope);
      memory.renew('velocity', velocity);
      return a.subtract(value, a.multiply(velocity, factor));
    };
  };

interface AdamOptions {
  rate: Rate;
  betas?: readonly [number, number];
  epsilon?: number;
  /** Added to the gradient as weightDecay p, or, `decoupled` (AdamW), taken from the value itself. */
  weightDecay?: number;
  decoupled?: boolean;
}

/**
 * Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019). Both moments are kept without their factors 1 - beta, which
 * saves two passes over all numbers; the corrections of the bias are part of the two scalars of a step:
 * p - rate c1 m / (sqrt(c2 v) + epsilon) = p - m (rate c1 / sqrt(c2)) / (sqrt(v) + epsilon / sqrt(c2)).
 */
export const adam = (options: AdamOptions): Optimizer => {
  const { rate, betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0, decoupled = false } = options;
  const corrected = (beta: number, step: number) => (1 - beta) / (1 - beta ** step);
  const root = (step: number) => Math.sqrt(corrected(betas[1], step));
  const lengthAt = (step: number) => (rateAt(rate, step) * corrected(betas[0], step)) / root(step);
  return (networks) => {
    const length = scalarAt(`${networks} rate`, lengthAt);
    const floor = scalarAt(`${networks} epsilon`, (step) => epsilon / root(step));
    const keep = scalarAt(`${networks} keep`, (step) => 1 - rateAt(rate, step) * weightDecay);
    return (value, gradient, memory) => {
      const slope = decoupled ? gradient : decayed(gradient, value, weightDecay);
      const [first, second] = [slope, a.square(slope)].map((seen, at) => {
        const moment = a.add(a.multiply(memory.kept(`moment${at + 1}`, value.dims, 0), betas[at]), seen);
        memory.renew(`moment${at + 1}`, moment);
        return moment;
      });
      const move = a.multiply(a.divide(first, a.add(a.sqrt(second), floor)), length);
      return a.subtract(decoupled && weightDecay > 0 ? a.multiply(value, keep) : value, move);
    };
  };
};

/** AdamW: `adam` whose weight decay, 0.01 by default, does not pass through the moments. */
export const adamW = (options: AdamOptions): Optimizer =>
  adam({ weightDecay: 0.01, ...options, decoupled: true });

const decayed = (gradient: Node, value: Node, weightDecay: number): Node =>
  weightDecay === 0 ? gradient : a.add(gradient, a.multiply(value, weightDecay));

interface MinimizeOptions {
  /** Networks whose weights are to learn: prefixes of their names. */
  of: readonly string[];
  by: Optimizer;
  /** Longest gradient, over all numbers together; longer ones are shortened. 0, the default: any. */
  clip?: number;
}

/** Renews the learned numbers of these networks so that the loss falls. */
export function minimize(loss: Node, weights: Weights, { of, by, clip = 0 }: MinimizeOptions): void {
  const names = weights.names('learned').filter((name) => of.some((prefix) => name.startsWith(`${prefix}.`)));
  const values = names.map((name) => weights.current(name));
  const slopes = gradients(loss, values);
  const shortened = clip === 0 ? slopes : clipped(slopes, clip);
  const update = by(weights.unique(of.join(' ')));
  for (const [at, name] of names.entries())
    weights.renew(name, update(values[at], shortened[at], weights.under(`optimizer.${name}`)));
}

/** g min(1, longest / (|g| + 1e-6)) */
function clipped(slopes: readonly Node[], longest: number): Node[] {
  const squares = slopes.map((slope) => sumOf(a.square(slope))).reduce((sum, square) => a.add(sum, square));
  const ratio = a.divide(longest, a.add(a.sqrt(squares), 1e-6));
  const factor = a.negate(a.maximum(a.negate(ratio), -1));
  return slopes.map((slope) => a.multiply(slope, factor));
}

/** Keeps a moving average of a network's numbers under `average.`; call it after they were renewed. */
export function keepAverage(weights: Weights, network: string, decay: number): void {
  for (const name of weights.names('all').filter((each) => each.startsWith(`${network}.`))) {
    const value = weights.current(name);
    const average = weights.kept(`average.${name}`, value.dims, { copyOf: name });
    weights.renew(`average.${name}`, a.add(a.multiply(average, decay), a.multiply(value, 1 - decay)));
  }
}

// Learning rates that change.

/** Constant for `steady` steps, then in a straight line to zero over the next `falling` ones. */
export const linearDecay =
  (rate: number, steady: number, falling: number): Rate =>
  (step) =>
    rate * Math.min(1, Math.max(0, (steady + falling + 1 - step) / (falling + 1)));

/** A linear rise over `rise` steps, then half a cosine (Loshchilov and Hutter 2017) to zero, which it has after the last step. */
export const cosineDecay = (rate: number, steps: number, rise = 0): Rate => {
  const top = Math.max(rise, 1);
  const fall = (step: number) => Math.min(1, (step - top) / Math.max(1, steps - top + 1));
  return (step) => (step <= top ? (rate * step) / top : (rate * (1 + Math.cos(Math.PI * fall(step)))) / 2);
};

/** Steps that a rise takes of so many: as many as are wished for, but a tenth at most. */
export const riseOf = (steps: number, wished: number): number => Math.min(wished, Math.ceil(steps / 10));
