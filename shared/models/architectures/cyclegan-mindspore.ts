// CycleGAN's generator in the variant of MindSpore's tutorial: zeros around everything, leaky ReLUs, running statistics.

import type { Architecture, Plan, Shapes } from './architecture.js';
import { type Block, type Convolution, type Norm, type Step, zeros } from './network.js';
import { obstacleOf } from './obstacle.js';
import { planOf } from './plan.js';

const EPSILON = 1e-5;
const TELLTALE = 'conv_in.features.0.weight';
const FIRST_KERNEL = /^residuals\.(\d+)\.conv1\.features\.0\.weight$/;
/** How often the tutorial applies its one block. */
const TUTORIAL_BLOCKS = 9;

export const CYCLEGAN_MINDSPORE: Architecture = {
  id: 'cyclegan-mindspore',
  title: 'CycleGAN ResNet generator (MindSpore tutorial)',
  io: { layout: 'nchw', channels: 'rgb', range: [-1, 1] },
  // Halved twice.
  side: { multipleOf: 16, minPx: 64, maxPx: 1024 },
  scope: 'photo',
  telltale: TELLTALE,
  plan(shapes, options) {
    const form = formOf(shapes, options.blocks ?? TUTORIAL_BLOCKS);
    return form && planOfForm(form);
  },
};

/** What the keys and shapes of one checkpoint tell. */
interface Form {
  /** Channels of the picture, after the first convolution, and of the drawing. */
  input: number;
  width: number;
  output: number;
  /** The index of each residual block in the order of application; where all share one, it repeats. */
  blocks: readonly number[];
  isShared: boolean;
  /** Whether convolutions have a bias, and norms a scale and a shift of their own. */
  biased: boolean;
  affine: boolean;
}

function formOf(shapes: Shapes, repeats: number): Form | undefined {
  const [width, input] = shapes.get(TELLTALE) ?? [];
  const found = blocksOf(shapes);
  if (width === undefined || input === undefined || found.length === 0) return undefined;
  const isShared = found.length === 1;
  const blocks = isShared ? new Array<number>(repeats).fill(found[0]) : found;
  const [output = 3] = shapes.get('conv_out.weight') ?? [];
  const biased = shapes.has('conv_in.features.0.bias');
  return { input, width, output, blocks, isShared, biased, affine: shapes.has('conv_in.features.1.gamma') };
}

function blocksOf(shapes: Shapes): number[] {
  const indices = [...shapes.keys()].flatMap((key) => FIRST_KERNEL.exec(key)?.[1] ?? []);
  return indices.map(Number).sort((a, b) => a - b);
}

function planOfForm(form: Form): Plan {
  const { width, blocks, isShared } = form;
  return planOf({
    id: 'cyclegan-mindspore',
    summary: `${width} channels, ${isShared ? `one block applied ${blocks.length} times` : `${blocks.length} blocks`}`,
    steps: generator(form),
    obstacle: obstacleOf(form),
    variant: isShared ? { blocks: blocks.length } : {},
  });
}

function generator(form: Form): Step[] {
  const { input, width, output, blocks } = form;
  return [
    layer(form, 'conv_in', { from: input, to: width, sidePx: 7 }),
    layer(form, 'down_1', { from: width, to: 2 * width, sidePx: 3, stride: 2 }),
    layer(form, 'down_2', { from: 2 * width, to: 4 * width, sidePx: 3, stride: 2 }),
    ...blocks.map((index) => residual(form, `residuals.${index}`)),
    doubling(form, 'up_2', 4 * width),
    doubling(form, 'up_1', 2 * width),
    {
      kind: 'block',
      border: zeros(3),
      conv: { kernel: 'conv_out.weight', from: width, to: output, sidePx: 7 },
      activation: 'tanh',
    },
  ];
}

type Shape = Omit<Convolution, 'kernel' | 'bias'>;

const layer = (form: Form, key: string, shape: Shape): Block => ({
  kind: 'block',
  border: zeros((shape.sidePx - 1) / 2),
  conv: {
    kernel: `${key}.features.0.weight`,
    bias: form.biased ? `${key}.features.0.bias` : undefined,
    ...shape,
  },
  norm: normAt(form, `${key}.features.1`),
  activation: { leaky: 0.2 },
});

/** Padding "same": the last row and column of the full result are cut. */
const doubling = (form: Form, key: string, from: number): Block => ({
  ...layer(form, key, { from, to: from / 2, sidePx: 3, stride: 2, transposed: true }),
  border: { fill: 'zero', margins: [0, 0, 1, 1] },
});

function residual(form: Form, key: string): Step {
  const shape = { from: 4 * form.width, to: 4 * form.width, sidePx: 3 };
  const first: Block = { ...layer(form, `${key}.conv1`, shape), activation: 'relu' };
  const second: Block = { ...layer(form, `${key}.conv2`, shape), activation: undefined };
  return { kind: 'residual', steps: [first, second] };
}

const normAt = ({ affine }: Form, key: string): Norm => ({
  kind: 'batch',
  epsilon: EPSILON,
  mean: `${key}.moving_mean`,
  variance: `${key}.moving_variance`,
  ...(affine ? { scale: `${key}.gamma`, shift: `${key}.beta` } : {}),
});
