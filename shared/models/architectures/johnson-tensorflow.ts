// Feed-forward style transfer (Johnson et al. 2016) in the form of github.com/lengstrom/fast-style-transfer, whose TensorFlow
// variables have numbers instead of names.

import type { Architecture, Plan, Shapes } from './architecture.js';
import type { Block, Convolution, Step } from './network.js';
import { obstacleOf } from './obstacle.js';
import { planOf } from './plan.js';

const EPSILON = 1e-3;
const TELLTALE = 'Variable';
/** Layers before the residual blocks, which have two each. */
const LAYERS_BEFORE = 3;

export const JOHNSON_TENSORFLOW: Architecture = {
  id: 'johnson-tensorflow',
  title: 'Johnson style network (TensorFlow)',
  io: { layout: 'nchw', channels: 'rgb', range: [0, 255] },
  // Halved twice; with even sides the padding "same" adds nothing above and left.
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
  const [, , input, width] = shapes.get(TELLTALE) ?? [];
  if (input === undefined || width === undefined) return undefined;
  const blocks = countBlocks(shapes, 4 * width);
  const [, , , output = 3] = shapes.get(kernelOf(LAYERS_BEFORE + 2 * blocks + 2)) ?? [];
  return { input, width, output, blocks };
}

/** The kernels of the blocks keep the number of channels; the first that does not enlarges. */
function countBlocks(shapes: Shapes, channels: number): number {
  const dims = `3,3,${channels},${channels}`;
  let layers = 0;
  while (shapes.get(kernelOf(LAYERS_BEFORE + layers))?.join() === dims) layers++;
  // A network without blocks is not known: where none are found, the first is missing.
  return Math.max(1, Math.floor(layers / 2));
}

function planOfForm(form: Form): Plan {
  return planOf({
    id: 'johnson-tensorflow',
    summary: `${form.width} channels, ${form.blocks} blocks`,
    steps: network(form),
    obstacle: obstacleOf(form),
  });
}

function network({ input, width, output, blocks }: Form): Step[] {
  const after = LAYERS_BEFORE + 2 * blocks;
  return [
    layer(0, { from: input, to: width, sidePx: 9 }),
    layer(1, { from: width, to: 2 * width, sidePx: 3, stride: 2 }),
    layer(2, { from: 2 * width, to: 4 * width, sidePx: 3, stride: 2 }),
    ...Array.from({ length: blocks }, (_, n) => residual(LAYERS_BEFORE + 2 * n, 4 * width)),
    layer(after, { from: 4 * width, to: 2 * width, sidePx: 3, stride: 2, transposed: true }),
    layer(after + 1, { from: 2 * width, to: width, sidePx: 3, stride: 2, transposed: true }),
    { ...layer(after + 2, { from: width, to: output, sidePx: 9 }), activation: 'tanh' },
    { kind: 'levels', factor: 150, offset: 127.5, clip: [0, 255] },
  ];
}

/** Three variables per layer: kernel, then the norm's shift and scale. */
function layer(n: number, shape: Omit<Convolution, 'kernel' | 'bias' | 'layout'>): Block {
  const [kernel, shift, scale] = [0, 1, 2].map((place) => variable(3 * n + place));
  return {
    kind: 'block',
    border: same(shape),
    conv: { kernel, layout: 'hwio', ...shape },
    norm: { kind: 'instance', epsilon: EPSILON, shift, scale },
    activation: 'relu',
  };
}

/** TensorFlow's padding "same" on even sides: of an odd number of pixels, the larger part lies below and right. */
function same({ sidePx, stride = 1 }: { sidePx: number; stride?: number }): Block['border'] {
  const before = Math.floor((sidePx - stride) / 2);
  const after = sidePx - stride - before;
  return { fill: 'zero', margins: [before, before, after, after] };
}

function residual(n: number, channels: number): Step {
  const shape = { from: channels, to: channels, sidePx: 3 };
  return { kind: 'residual', steps: [layer(n, shape), { ...layer(n + 1, shape), activation: undefined }] };
}

const variable = (n: number): string => (n === 0 ? 'Variable' : `Variable_${n}`);

const kernelOf = (layerNumber: number): string => variable(3 * layerNumber);
