// What comes out of a training: networks for use, written with their numbers and with what they say of themselves.

import { type Label, type Latent, labelled } from '../../models/imports/label.js';
import type { OnnxModel } from '../../models/onnx/file.js';
import * as a from '../arithmetic.js';
import type { Layer } from '../layers.js';
import type { PictureDims } from '../nets/small.js';
import { emit } from '../onnx.js';
import { type State, Weights } from '../weights.js';

/** ITU-R 601, as grey training pictures are made. */
const LUMA = Float32Array.of(0.299, 0.587, 0.114);

interface ProductOptions {
  title: string;
  picture: PictureDims;
  state: State;
}

/** Latent numbers [1, ...dims] -> a picture: for `nigaoe imagine`. */
export function latentModel(decode: Layer, latent: Latent, { title, state }: ProductOptions): OnnxModel {
  const code = a.input('latent', [1, ...latent.dims]);
  const drawing = decode(code, inUse(state));
  return labelled(emit({ drawing }), { title, latent });
}

/** Picture -> picture of the same size, in colour whatever the network takes: a style for `nigaoe stylize`. */
export function styleModel(draw: Layer, options: ProductOptions & { alignFaces: boolean }): OnnxModel {
  const { title, picture, state, alignFaces } = options;
  const [channels, height, width] = picture;
  const given = a.input('picture', [1, 3, height, width]);
  const grey = a.sum(a.multiply(given, a.constant([1, 3, 1, 1], LUMA)), [1]);
  const drawn = draw(channels === 3 ? given : grey, inUse(state));
  const drawing = a.expand(drawn, given.dims);
  const label: Label = {
    title,
    io: { layout: 'nchw', channels: 'rgb', range: [-1, 1] },
    side: { multipleOf: height, minPx: height, maxPx: height },
    scope: alignFaces ? 'portrait' : 'photo',
  };
  return labelled(emit({ drawing }), label);
}

/** Layers as they behave outside of training, with the numbers of the state. */
export const inUse = (state: State): Weights => new Weights({ training: false, values: state });

/** How the numbers of codes are spread. */
export function spreadOf(codes: readonly Float32Array[], dims: readonly number[]): Latent {
  const means = (of: (code: Float32Array, at: number) => number) =>
    Array.from(codes[0], (_, at) => codes.reduce((sum, code) => sum + of(code, at), 0) / codes.length);
  const mean = means((code, at) => code[at]);
  const deviation = means((code, at) => (code[at] - mean[at]) ** 2).map(Math.sqrt);
  return { dims, law: 'normal', mean, deviation };
}
