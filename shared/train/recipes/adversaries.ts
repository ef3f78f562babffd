// GANs (Goodfellow et al. 2014): one network draws from noise, the other tells its drawings from pictures.

import * as a from '../arithmetic.js';
import { uniformNoise } from '../layers.js';
import { binaryCrossEntropy, meanSquare } from '../losses.js';
import {
  type Adversaries,
  convAdversaries,
  denseAdversaries,
  NOISE,
  type PictureDims,
} from '../nets/small.js';
import type { Node } from '../ops.js';
import { adam, keepAverage, minimize } from '../optimizers.js';
import { step } from '../step.js';
import { Weights } from '../weights.js';
import { latentModel } from './products.js';
import { DENSE_SIZES, type Plan, type Recipe, type Setting } from './recipe.js';

/** How far logits are from the verdict that was wanted: 1 for a picture, 0 for a drawing. */
type Verdict = (logits: Node, wanted: number) => Node;
const halfSquare: Verdict = (logits, wanted) => a.multiply(meanSquare(logits, wanted), 0.5);

const SHOWN = 64;
const BETAS = [0.5, 0.999] as const;
/** Moving averages of the generator lie under this name, with the names of its own numbers behind. */
const AVERAGE = 'average';

function plan(
  make: (picture: PictureDims) => Adversaries,
  { title, verdict }: { title: string; verdict: Verdict },
): Recipe['plan'] {
  return (picture, { batch, rate, clip, average }: Setting): Plan => {
    const { generate, judge } = make(picture);
    const weights = new Weights();
    const fake = generate(uniformNoise('noise', [batch, NOISE], -1, 1), weights);
    const discriminator = a.add(
      verdict(judge(a.input('pictures', [batch, ...picture]), weights), 1),
      verdict(judge(a.detach(fake), weights), 0),
    );
    minimize(discriminator, weights, { of: ['discriminator'], by: adam({ rate, betas: BETAS }), clip });
    // Judged anew, by what the discriminator has just become.
    const generator = verdict(judge(fake, weights), 1);
    minimize(generator, weights, { of: ['generator'], by: adam({ rate, betas: BETAS }), clip });
    if (average > 0) keepAverage(weights, 'generator', average);
    // Samples and products are drawn with the average, where one is kept.
    const forUse = (all: Weights) => (average > 0 ? all.under(AVERAGE) : all);
    const shown = uniformNoise('shown', [SHOWN, NOISE], -1, 1);
    const held = new Weights({ training: false });
    return {
      weights,
      train: step(weights, { generator, discriminator }),
      sample: step(held, { drawn: generate(shown, forUse(held)) }),
      columns: 8,
      products: (state) => ({
        'generator.onnx': latentModel(
          (noise, numbers) => generate(noise, forUse(numbers)),
          { dims: [NOISE], law: 'uniform' },
          { title, picture, state },
        ),
      }),
    };
  };
}

const DEFAULTS = { epochs: 30, batch: 128, rate: 3e-4, size: 28, channels: 1 } as const;

export const GAN: Recipe = {
  title: 'generative adversarial network of dense layers',
  inputs: ['pictures'],
  sizes: DENSE_SIZES,
  takes: ['average'],
  defaults: DEFAULTS,
  plan: plan(denseAdversaries, { title: 'gan', verdict: binaryCrossEntropy }),
};

export const LSGAN: Recipe = {
  title: 'the same with least-squares losses (Mao et al. 2017)',
  inputs: ['pictures'],
  sizes: DENSE_SIZES,
  takes: ['average'],
  defaults: DEFAULTS,
  plan: plan(denseAdversaries, { title: 'lsgan', verdict: halfSquare }),
};

export const DCGAN: Recipe = {
  title: 'deep convolutional GAN (Radford et al. 2016)',
  inputs: ['pictures'],
  sizes: { multipleOf: 4, minPx: 16, maxPx: 128 },
  takes: ['average'],
  defaults: { ...DEFAULTS, epochs: 20, rate: 1e-3 },
  plan: plan(convAdversaries, { title: 'dcgan', verdict: binaryCrossEntropy }),
};
