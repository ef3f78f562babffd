// CycleGAN's ResNet generator (Zhu et al. 2017) under the keys of github.com/junyanz/pytorch-CycleGAN-and-pix2pix; pix2pix
// trains it with batch norms.

import type { Architecture, Plan, Shapes } from './architecture.js';
import { type Block, type Convolution, mirrored, type Norm, type Step, zeros } from './network.js';
import { obstacleOf } from './obstacle.js';
import { planOf } from './plan.js';

const EPSILON = 1e-5;
const TELLTALE = 'model.1.weight';
/** Place of the first residual block in the sequence, which counts borders, norms and activations too. */
const FIRST_BLOCK = 10;

export const CYCLEGAN: Architecture = {
  id: 'cyclegan',
  title: 'CycleGAN ResNet generator (PyTorch)',
  io: { layout: 'nchw', channels: 'rgb', range: [-1, 1] },
  // Halved twice; what is left must be mirrored by a pixel.
  side: { multipleOf: 16, minPx: 64, maxPx: 1024 },
  scope: 'photo',
  telltale: TELLTALE,
  plan(shapes) {
    const form = formOf(shapes);
    return form && planOfForm(form);
  },
};

/** What the keys and shapes of one checkpoint tell. */
interface Form {
  /** Channels of the picture, after the first convolution, and of the drawing. */
  input: number;
  width: number;
  output: number;
  blocks: number;
  dropout: boolean;
  norm: 'instance' | 'affine' | 'batch';
  /** Whether the convolutions before a norm have a bias. */
  biased: boolean;
}

function formOf(shapes: Shapes): Form | undefined {
  const [width, input] = shapes.get(TELLTALE) ?? [];
  const blocks = countBlocks(shapes);
  if (width === undefined || input === undefined || blocks === 0) return undefined;
  const [output = 3] = shapes.get(`model.${lastOf(blocks)}.weight`) ?? [];
  // With dropout the second convolution stands one place further; in its place may stand a norm, which has no kernel.
  const dropout = shapes.get(`model.${FIRST_BLOCK}.conv_block.5.weight`)?.length !== 4;
  const biased = shapes.has('model.1.bias');
  return { input, width, output, blocks, dropout, norm: normOf(shapes), biased };
}

function countBlocks(shapes: Shapes): number {
  let blocks = 0;
  while (shapes.has(`model.${FIRST_BLOCK + blocks}.conv_block.1.weight`)) blocks++;
  return blocks;
}

/** Place of the last convolution: after the blocks come two times three layers and a border. */
const lastOf = (blocks: number): number => FIRST_BLOCK + blocks + 7;

function normOf(shapes: Shapes): Form['norm'] {
  if (!shapes.has('model.2.weight')) return 'instance';
  return shapes.has('model.2.running_var') ? 'batch' : 'affine';
}

function planOfForm(form: Form): Plan {
  const { width, blocks, dropout, norm } = form;
  const kind = { instance: '', affine: ', affine norms', batch: ', batch norms' }[norm];
  return planOf({
    id: 'cyclegan',
    summary: `${width} channels, ${blocks} blocks${kind}${dropout ? ', dropout' : ''}`,
    steps: generator(form),
    // Old files carry statistics of instance norms, which were never used.
    ignores:
      norm === 'batch' ? /\.num_batches_tracked$/ : /\.(running_mean|running_var|num_batches_tracked)$/,
    obstacle: obstacleOf(form),
  });
}

function generator(form: Form): Step[] {
  const { input, width, output, blocks } = form;
  const up = FIRST_BLOCK + blocks;
  const last = lastOf(blocks);
  return [
    { ...layer(form, 1, { from: input, to: width, sidePx: 7 }), border: mirrored(7) },
    halving(form, 4, width),
    halving(form, 7, 2 * width),
    ...Array.from({ length: blocks }, (_, n) => residual(form, FIRST_BLOCK + n)),
    doubling(form, up, 4 * width),
    doubling(form, up + 3, 2 * width),
    {
      kind: 'block',
      border: mirrored(7),
      conv: { ...stored(`model.${last}`, true), from: width, to: output, sidePx: 7 },
      activation: 'tanh',
    },
  ];
}

type Shape = Omit<Convolution, 'kernel' | 'bias'>;

/** Convolution, norm and ReLU at one place of the sequence; the norm stands at the next. */
const layer = (form: Form, at: number, shape: Shape): Block => ({
  kind: 'block',
  conv: { ...stored(`model.${at}`, form.biased), ...shape },
  norm: normAt(form, `model.${at + 1}`),
  activation: 'relu',
});

const halving = (form: Form, at: number, from: number): Block => ({
  ...layer(form, at, { from, to: 2 * from, sidePx: 3, stride: 2 }),
  border: zeros(1),
});

/** Padding 1 and output padding 1: the first row and column of the full result are cut. */
const doubling = (form: Form, at: number, from: number): Block => ({
  ...layer(form, at, { from, to: from / 2, sidePx: 3, stride: 2, transposed: true }),
  border: { fill: 'zero', margins: [1, 1, 0, 0] },
});

function residual(form: Form, at: number): Step {
  const key = `model.${at}.conv_block`;
  const second = form.dropout ? 6 : 5;
  const half = (place: number): Block => ({
    kind: 'block',
    border: mirrored(3),
    conv: { ...stored(`${key}.${place}`, form.biased), from: 4 * form.width, to: 4 * form.width, sidePx: 3 },
    norm: normAt(form, `${key}.${place + 1}`),
  });
  return { kind: 'residual', steps: [{ ...half(1), activation: 'relu' }, half(second)] };
}

const stored = (key: string, biased: boolean) => ({
  kernel: `${key}.weight`,
  bias: biased ? `${key}.bias` : undefined,
});

function normAt({ norm }: Form, key: string): Norm {
  if (norm === 'instance') return { kind: 'instance', epsilon: EPSILON };
  const affine = { epsilon: EPSILON, scale: `${key}.weight`, shift: `${key}.bias` };
  if (norm === 'affine') return { kind: 'instance', ...affine };
  return { kind: 'batch', ...affine, mean: `${key}.running_mean`, variance: `${key}.running_var` };
}
