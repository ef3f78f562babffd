// CycleGAN's networks (Zhu et al. 2017): pictures [N, 3, H, W] in -1..1 to pictures, and pictures to maps of logits. Weights have
// the names of github.com/junyanz/pytorch-CycleGAN-and-pix2pix and of MindSpore's tutorial, by which models/ knows them.

import {
  batchNorm,
  convolution,
  instanceNorm,
  type Layer,
  leakyRelu,
  mirrorPad,
  named,
  relu,
  residual,
  sequence,
  tanh,
  transposedConvolution,
} from '../layers.js';

/** Whose generator and norms. */
export type Flavour = 'pytorch' | 'mindspore';

interface GeneratorForm {
  /** Channels after the first convolution: 64 in the paper. */
  width: number;
  /** Residual blocks: 6 for 128 px, 9 from 256 px on in the paper. */
  blocks: number;
}

/** The generator of that flavour. */
export const cycleGenerator = (flavour: Flavour, form: GeneratorForm): Layer =>
  flavour === 'pytorch' ? mirrored(form) : shared(form);

/** The discriminator that judges patches of 70 px (Isola et al. 2017), 3 layers deep; `width` is 64 in the paper. */
export function patchDiscriminator(flavour: Flavour, width: number): Layer {
  const norm = flavour === 'pytorch' ? instanceNorm() : plainBatchNorm;
  const stage = (to: number, stride: number): Layer[] => [
    convolution(to, { side: 4, stride, padding: 1 }),
    norm,
    leakyRelu(0.2),
  ];
  return named(
    'model',
    sequence(
      convolution(width, { side: 4, stride: 2, padding: 1 }),
      leakyRelu(0.2),
      ...stage(2 * width, 2),
      ...stage(4 * width, 2),
      ...stage(8 * width, 1),
      convolution(1, { side: 4, padding: 1 }),
    ),
  );
}

const border =
  (padding: number): Layer =>
  (x) =>
    mirrorPad(x, padding);

/** PyTorch's: mirrored borders, instance norms, blocks of their own. */
function mirrored({ width, blocks }: GeneratorForm): Layer {
  const halving = (to: number): Layer[] => [
    convolution(to, { side: 3, stride: 2, padding: 1 }),
    instanceNorm(),
    relu,
  ];
  const doubling = (to: number): Layer[] => [
    transposedConvolution(to, { side: 3, stride: 2, padding: 1, outputPadding: 1 }),
    instanceNorm(),
    relu,
  ];
  const half = (): Layer[] => [border(1), convolution(4 * width, { side: 3 }), instanceNorm()];
  const block = residual(named('conv_block', sequence(...half(), relu, ...half())));
  return named(
    'model',
    sequence(
      ...[border(3), convolution(width, { side: 7 }), instanceNorm(), relu],
      ...halving(2 * width),
      ...halving(4 * width),
      ...new Array<Layer>(blocks).fill(block),
      ...doubling(2 * width),
      ...doubling(width),
      ...[border(3), convolution(3, { side: 7 }), tanh],
    ),
  );
}

const plainBatchNorm = batchNorm({ affine: false, statistics: ['moving_mean', 'moving_variance'] });

/** MindSpore's: zeros around, batch norms without numbers of their own, one block applied again and again. */
function shared({ width, blocks }: GeneratorForm): Layer {
  const normed = (name: string, layer: Layer, ...activation: Layer[]): Layer =>
    named(name, named('features', sequence(layer, plainBatchNorm, ...activation)));
  const same = (to: number, side: number, stride = 1): Layer =>
    convolution(to, { side, stride, padding: (side - 1) / 2 });
  const up = (to: number): Layer => transposedConvolution(to, { side: 3, stride: 2, padding: 'same' });
  const leaky = leakyRelu(0.2);
  const ends: Layer[] = [
    normed('conv_in', same(width, 7), leaky),
    normed('down_1', same(2 * width, 3, 2), leaky),
    normed('down_2', same(4 * width, 3, 2), leaky),
  ];
  const block = residual((x, weights) => {
    const first = normed('conv1', same(4 * width, 3), relu)(x, weights);
    return normed('conv2', same(4 * width, 3))(first, weights);
  });
  const layers = [
    ...ends,
    ...new Array<Layer>(blocks).fill(named('residuals', named('0', block))),
    normed('up_2', up(2 * width), leaky),
    normed('up_1', up(width), leaky),
    named('conv_out', convolution(3, { side: 7, padding: 3, bias: false })),
  ];
  return (x, weights) =>
    tanh(
      layers.reduce((value, layer) => layer(value, weights), x),
      weights,
    );
}
