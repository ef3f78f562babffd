// Autoencoders: pictures to codes and back, so that they change as little as can be.

import { sizeOf } from '../../tensor.js';
import * as a from '../arithmetic.js';
import { normalNoise } from '../layers.js';
import { klDivergence, meanSquare, sumOf } from '../losses.js';
import {
  type Autoencoder,
  autoencoder,
  convAutoencoder,
  type PictureDims,
  VAE_CODE,
  vaeDecoder,
  vaeEncoder,
} from '../nets/small.js';
import type { Node } from '../ops.js';
import { adam, minimize } from '../optimizers.js';
import { step } from '../step.js';
import { Weights } from '../weights.js';
import { latentModel, spreadOf, styleModel } from './products.js';
import { DENSE_SIZES, type Plan, type Recipe, type Setting } from './recipe.js';

/** Pictures of a sample: what was given above what came back. */
const SHOWN = 16;
const DEFAULTS = { epochs: 20, batch: 128, rate: 1e-3, size: 28, channels: 1 } as const;
const pictures = (count: number, picture: PictureDims): Node => a.input('pictures', [count, ...picture]);
const forUse = () => new Weights({ training: false });

/** The parts of the plan that are the same for all: `net` is taken with the mean code where there is one. */
function planOf(
  net: Autoencoder,
  picture: PictureDims,
  { title, setting: { heldBatch, alignFaces } }: { title: string; setting: Setting },
): Omit<Plan, 'weights' | 'train'> {
  const measured = pictures(heldBatch, picture);
  const shown = pictures(SHOWN, picture);
  const back = (x: Node, weights: Weights) => net.decode(net.encode(x, weights), weights);
  return {
    measure: step(forUse(), { error: meanSquare(back(measured, forUse()), measured) }),
    sample: step(forUse(), { given: shown, drawn: back(shown, forUse()) }),
    columns: SHOWN,
    encode: step(forUse(), { code: net.encode(measured, forUse()) }),
    products: (state, codes) => ({
      'style.onnx': styleModel(back, { title, picture, state, alignFaces }),
      ...(codes !== undefined && {
        'decoder.onnx': latentModel(net.decode, spreadOf(codes, net.code), { title, picture, state }),
      }),
    }),
  };
}

function plain(
  title: string,
  make: (picture: PictureDims) => Autoencoder,
  weightDecay: number,
): Recipe['plan'] {
  return (picture, setting: Setting) => {
    const { batch, rate, clip } = setting;
    const net = make(picture);
    const weights = new Weights();
    const x = pictures(batch, picture);
    const error = meanSquare(net.decode(net.encode(x, weights), weights), x);
    minimize(error, weights, { of: ['encoder', 'decoder'], by: adam({ rate, weightDecay }), clip });
    return { weights, train: step(weights, { error }), ...planOf(net, picture, { title, setting }) };
  };
}

export const AUTOENCODER: Recipe = {
  title: 'autoencoder with a code of three numbers',
  inputs: ['pictures'],
  takes: ['holdBack'],
  sizes: DENSE_SIZES,
  defaults: { ...DEFAULTS, epochs: 40 },
  plan: plain('autoencoder', autoencoder, 0),
};

export const CONV_AUTOENCODER: Recipe = {
  title: 'convolutional autoencoder for pictures of 28 px',
  inputs: ['pictures'],
  takes: ['holdBack'],
  sizes: { multipleOf: 28, minPx: 28, maxPx: 28 },
  defaults: { ...DEFAULTS, epochs: 20 },
  plan: plain('conv-autoencoder', convAutoencoder, 1e-5),
};

/** Noise, as large as the code's deviation, keeps codes from being learned by heart (Kingma and Welling 2014, section 2.4). */
function planVae(picture: PictureDims, setting: Setting): Plan {
  const { batch, rate, clip } = setting;
  const weights = new Weights();
  const x = pictures(batch, picture);
  const { mean, logVariance } = vaeEncoder(x, weights);
  const code = a.add(mean, a.multiply(a.exp(a.multiply(logVariance, 0.5)), normalNoise('noise', mean.dims)));
  const error = a.divide(sumOf(a.square(a.subtract(vaeDecoder(picture)(code, weights), x))), batch);
  const kl = a.divide(klDivergence(mean, logVariance), batch);
  const loss = a.add(error, kl);
  minimize(loss, weights, { of: ['fc1', 'fc_mean', 'fc_logvar', 'fc3', 'fc4'], by: adam({ rate }), clip });
  const net: Autoencoder = {
    code: [VAE_CODE],
    encode: (given, held) => vaeEncoder(given, held).mean,
    decode: vaeDecoder(picture),
  };
  const rest = planOf(net, picture, { title: 'vae', setting });
  return {
    weights,
    // As it is told of what is held back: a mean over all numbers.
    train: step(weights, { loss, error: a.divide(error, sizeOf(picture)), kl }),
    ...rest,
    products: (state) => ({
      ...rest.products(state),
      'decoder.onnx': latentModel(
        net.decode,
        { dims: net.code, law: 'normal' },
        { title: 'vae', picture, state },
      ),
    }),
  };
}

export const VAE: Recipe = {
  title: 'variational autoencoder: draws new pictures from normal numbers',
  inputs: ['pictures'],
  takes: ['holdBack'],
  sizes: DENSE_SIZES,
  defaults: { ...DEFAULTS, epochs: 40 },
  plan: planVae,
};
