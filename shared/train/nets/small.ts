// Small networks for digits and other small pictures, x [N, C, H, W] in -1..1.

import * as a from '../arithmetic.js';
import {
  batchNorm,
  chain,
  convolution,
  dense,
  flatten,
  type Layer,
  leakyRelu,
  maxPool,
  named,
  relu,
  sequence,
  tanh,
  transposedConvolution,
  unflatten,
} from '../layers.js';
import type { Node } from '../ops.js';
import type { Weights } from '../weights.js';

/** Channels, height, width. */
export type PictureDims = readonly [number, number, number];
const numbersOf = ([channels, height, width]: PictureDims): number => channels * height * width;

/** Pictures to codes and back. */
export interface Autoencoder {
  /** Size of a code. */
  code: readonly number[];
  encode: Layer;
  decode: Layer;
}

/** To three numbers, by way of 128, 64 and 12. */
export const autoencoder = (picture: PictureDims): Autoencoder => ({
  code: [3],
  encode: chain(
    flatten,
    named('encoder', sequence(dense(128), relu, dense(64), relu, dense(12), relu, dense(3))),
  ),
  decode: chain(
    named('decoder', sequence(...widening(12, 64, 128), dense(numbersOf(picture)), tanh)),
    unflatten(...picture),
  ),
});
const widening = (...widths: number[]): Layer[] => widths.flatMap((width) => [dense(width), relu]);

/** To 8 x 2 x 2 numbers, for pictures of 28 px. */
export const convAutoencoder = ([channels]: PictureDims): Autoencoder => ({
  code: [8, 2, 2],
  encode: named(
    'encoder',
    sequence(
      ...[convolution(16, { side: 3, stride: 3, padding: 1 }), relu, maxPool({ side: 2 })],
      ...[convolution(8, { side: 3, stride: 2, padding: 1 }), relu, maxPool({ side: 2, stride: 1 })],
    ),
  ),
  decode: named(
    'decoder',
    sequence(
      ...[transposedConvolution(16, { side: 3, stride: 2 }), relu],
      ...[transposedConvolution(8, { side: 5, stride: 3, padding: 1 }), relu],
      ...[transposedConvolution(channels, { side: 2, stride: 2, padding: 1 }), tanh],
    ),
  ),
});

/** The variational autoencoder of Kingma and Welling (2014) with 400 hidden units and a code of 20. */
export const VAE_CODE = 20;

/** Mean and log variance of the code, [N, 20] each. */
export function vaeEncoder(x: Node, weights: Weights): { mean: Node; logVariance: Node } {
  const hidden = a.relu(dense(400)(flatten(x, weights), weights.under('fc1')));
  return {
    mean: dense(VAE_CODE)(hidden, weights.under('fc_mean')),
    logVariance: dense(VAE_CODE)(hidden, weights.under('fc_logvar')),
  };
}

export const vaeDecoder = (picture: PictureDims): Layer =>
  chain(
    ...[named('fc3', dense(400)), relu],
    ...[named('fc4', dense(numbersOf(picture))), tanh, unflatten(...picture)],
  );

/** A generator that draws from noise, and a discriminator that tells its drawings from pictures by one logit. */
export interface Adversaries {
  generate: Layer;
  judge: Layer;
}
/** Numbers of noise that a picture is drawn from. */
export const NOISE = 96;

export const denseAdversaries = (picture: PictureDims): Adversaries => ({
  generate: chain(
    named('generator', sequence(...widening(1024, 1024), dense(numbersOf(picture)), tanh)),
    unflatten(...picture),
  ),
  judge: chain(
    flatten,
    named('discriminator', sequence(dense(256), leakyRelu(0.2), dense(256), leakyRelu(0.2), dense(1))),
  ),
});

/** DCGAN (Radford et al. 2016) as small as digits want it; sides are multiples of 4, from 16 px on. */
export const convAdversaries = ([channels, height, width]: PictureDims): Adversaries => ({
  generate: named(
    'generator',
    sequence(
      ...[dense(1024), relu, batchNorm()],
      ...[dense(8 * height * width), relu, batchNorm(), unflatten(128, height / 4, width / 4)],
      ...[transposedConvolution(64, { side: 4, stride: 2, padding: 1 }), relu, batchNorm()],
      ...[transposedConvolution(channels, { side: 4, stride: 2, padding: 1 }), tanh],
    ),
  ),
  judge: named(
    'discriminator',
    sequence(
      ...[convolution(32, { side: 5 }), leakyRelu(0.01), maxPool({ side: 2 })],
      ...[convolution(64, { side: 5 }), leakyRelu(0.01), maxPool({ side: 2 })],
      ...[flatten, dense(1024), leakyRelu(0.01), dense(1)],
    ),
  ),
});

/** Logits [N, classes] for pictures whose sides are multiples of 4. */
export const classifier = (classes: number): Layer =>
  named(
    'classifier',
    sequence(
      ...[convolution(32, { side: 5, padding: 'same' }), relu, maxPool({ side: 2 })],
      ...[convolution(64, { side: 5, padding: 'same' }), relu, maxPool({ side: 2 })],
      ...[flatten, dense(128), relu, dense(classes)],
    ),
  );
