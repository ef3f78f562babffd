// Losses: each a single number, means unless said otherwise.

import * as a from './arithmetic.js';
import type { Node } from './ops.js';

const scalar = (x: Node): Node => a.reshape(x, []);
/** The mean of all numbers. */
export const meanOf = (x: Node): Node => scalar(a.mean(x));
/** The sum of all numbers. */
export const sumOf = (x: Node): Node => scalar(a.sum(x));

/** mean |x - target| */
export const l1 = (x: Node, target: a.Term): Node => meanOf(a.abs(a.subtract(x, target)));
/** mean (x - target)^2; against 1 and 0 the least-squares GAN's loss (Mao et al. 2017) but for its factor 1/2. */
export const meanSquare = (x: Node, target: a.Term): Node => meanOf(a.square(a.subtract(x, target)));

/** Cross entropy of sigmoid(logits) with targets in 0..1: mean max(x, 0) - x t + log(1 + exp(-|x|)), which never overflows. */
export function binaryCrossEntropy(logits: Node, target: a.Term): Node {
  const soft = a.log(a.add(1, a.exp(a.negate(a.abs(logits)))));
  // Its gradient at 0 is 1/2, which makes that of the whole right there.
  const positive = a.multiply(a.add(logits, a.abs(logits)), 0.5);
  return meanOf(a.add(a.subtract(positive, a.multiply(logits, target)), soft));
}

/** Of each row of x [N, K] the number of its class, classes [N] being whole numbers from 0: [N, 1]. */
export function ofClass(x: Node, classes: Node): Node {
  const [, kinds] = x.dims;
  const identity = Float32Array.from({ length: kinds ** 2 }, (_, at) => Number(at % (kinds + 1) === 0));
  return a.sum(a.multiply(x, a.gather(a.constant([kinds, kinds], identity), classes)), [1]);
}

/** Cross entropy of softmax(logits [N, K]) with classes [N]. */
export const crossEntropy = (logits: Node, classes: Node): Node =>
  a.negate(meanOf(ofClass(a.logSoftmax(logits), classes)));

/** KL divergence of N(mean, exp(logVariance)) from N(0, 1), summed (Kingma and Welling 2014, appendix B). */
export const klDivergence = (mean: Node, logVariance: Node): Node =>
  a.multiply(sumOf(a.subtract(a.subtract(a.add(1, logVariance), a.square(mean)), a.exp(logVariance))), -0.5);
