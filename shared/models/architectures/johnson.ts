// Feed-forward style transfer (Johnson et al. 2016) under the keys of PyTorch's own example, fast_neural_style.

import type { Architecture, Plan, Shapes } from './architecture.js';
import { type Block, mirrored, type Norm, type Step } from './network.js';
import { obstacleOf } from './obstacle.js';
import { planOf } from './plan.js';

const EPSILON = 1e-5;
/** The blocks have a `conv1` too: this one is the network's own. */
const TELLTALE = 'deconv1.conv2d.weight';

export const JOHNSON: Architecture = {
  id: 'johnson',
  title: 'Johnson style network (PyTorch)',
  io: { layout: 'nchw', channels: 'rgb', range: [0, 255] },
  // Halved twice; what is left must be mirrored by a pixel.
  side: { multipleOf: 16, minPx: 64, maxPx: 1280 },
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
}

function formOf(shapes: Shapes): Form | undefined {
  const [width, input] = shapes.get('conv1.conv2d.weight') ?? [];
  if (width === undefined || input === undefined) return undefined;
  const [output = 3] = shapes.get('deconv3.conv2d.weight') ?? [];
  return { input, width, output, blocks: countBlocks(shapes) };
}

function countBlocks(shapes: Shapes): number {
  let blocks = 0;
  while (shapes.has(`res${blocks + 1}.conv1.conv2d.weight`)) blocks++;
  // A network without blocks is not known: where none are found, the first is missing.
  return Math.max(1, blocks);
}

function planOfForm(form: Form): Plan {
  return planOf({
    id: 'johnson',
    summary: `${form.width} channels, ${form.blocks} blocks`,
    steps: network(form),
    // Files of 2017 carry statistics of instance norms, which were never used.
    ignores: /(^|\.)in\d+\.(running_mean|running_var|num_batches_tracked)$/,
    obstacle: obstacleOf(form),
  });
}

function network({ input, width, output, blocks }: Form): Step[] {
  const twice: Step = { kind: 'enlarge', by: 'nearest' };
  return [
    layer('conv1', 'in1', { from: input, to: width, sidePx: 9 }),
    layer('conv2', 'in2', { from: width, to: 2 * width, sidePx: 3, stride: 2 }),
    layer('conv3', 'in3', { from: 2 * width, to: 4 * width, sidePx: 3, stride: 2 }),
    ...Array.from({ length: blocks }, (_, n) => residual(`res${n + 1}`, 4 * width)),
    twice,
    layer('deconv1', 'in4', { from: 4 * width, to: 2 * width, sidePx: 3 }),
    twice,
    layer('deconv2', 'in5', { from: 2 * width, to: width, sidePx: 3 }),
    convolution('deconv3', { from: width, to: output, sidePx: 9 }),
    { kind: 'levels', factor: 1, offset: 0, clip: [0, 255] },
  ];
}

interface Shape {
  from: number;
  to: number;
  sidePx: number;
  stride?: 1 | 2;
}

const convolution = (key: string, shape: Shape): Block => ({
  kind: 'block',
  border: mirrored(shape.sidePx),
  conv: { kernel: `${key}.conv2d.weight`, bias: `${key}.conv2d.bias`, ...shape },
});

const layer = (key: string, norm: string, shape: Shape): Block => ({
  ...convolution(key, shape),
  norm: normAt(norm),
  activation: 'relu',
});

function residual(key: string, channels: number): Step {
  const shape = { from: channels, to: channels, sidePx: 3 };
  const second: Block = { ...layer(`${key}.conv2`, `${key}.in2`, shape), activation: undefined };
  return { kind: 'residual', steps: [layer(`${key}.conv1`, `${key}.in1`, shape), second] };
}

const normAt = (key: string): Norm => ({
  kind: 'instance',
  epsilon: EPSILON,
  scale: `${key}.weight`,
  shift: `${key}.bias`,
});
