// AnimeGANv2's generator under the keys of github.com/bryandlee/animegan2-pytorch: strided convolutions down, inverted
// residuals, bilinear up.

import type { Architecture } from './architecture.js';
import { type Block, type Margins, mirrored, type Step } from './network.js';
import { planOf } from './plan.js';

const EPSILON = 1e-5;
const TELLTALE = 'block_a.0.1.weight';

export const ANIMEGAN_V2: Architecture = {
  id: 'animeganv2',
  title: 'AnimeGANv2 generator (PyTorch)',
  io: { layout: 'nchw', channels: 'rgb', range: [-1, 1] },
  // Halved twice; what is left must be mirrored by a pixel.
  side: { multipleOf: 16, minPx: 64, maxPx: 1280 },
  scope: 'photo',
  telltale: TELLTALE,
  plan(shapes, { alignCorners = true }) {
    if (!shapes.has(TELLTALE)) return undefined;
    const corners = alignCorners ? 'corners aligned' : 'corners not aligned';
    const summary = `32 channels, ${corners}`;
    return planOf({ id: 'animeganv2', summary, steps: generator(alignCorners), variant: { alignCorners } });
  },
};

function generator(alignCorners: boolean): Step[] {
  const twice: Step = { kind: 'enlarge', by: alignCorners ? 'bilinear-aligned' : 'bilinear' };
  const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((letter) => `block_${letter}`);
  return [
    layer(`${a}.0`, 3, 32, { sidePx: 7 }),
    halving(`${a}.1`, 32, 64),
    layer(`${a}.2`, 64, 64),
    halving(`${b}.0`, 64, 128),
    layer(`${b}.1`, 128, 128),
    layer(`${c}.0`, 128, 128),
    ...inverted(`${c}.1`, 128),
    ...[2, 3, 4].map((n): Step => ({ kind: 'residual', steps: inverted(`${c}.${n}`, 256) })),
    layer(`${c}.5`, 256, 128),
    twice,
    layer(`${d}.0`, 128, 128),
    layer(`${d}.1`, 128, 128),
    twice,
    layer(`${e}.0`, 128, 64),
    layer(`${e}.1`, 64, 64),
    layer(`${e}.2`, 64, 32, { sidePx: 7 }),
    {
      kind: 'block',
      conv: { kernel: 'out_layer.0.weight', from: 32, to: 3, sidePx: 1 },
      activation: 'tanh',
    },
  ];
}

interface Shape {
  sidePx?: number;
  stride?: 1 | 2;
  depthwise?: boolean;
  margins?: Margins;
}

/** Mirrored border, convolution, norm over all channels, leaky ReLU. */
function layer(key: string, from: number, to: number, shape: Shape = {}): Block {
  const { sidePx = 3, margins, ...how } = shape;
  // Only the depthwise convolutions were made with a bias.
  const bias = how.depthwise ? `${key}.1.bias` : undefined;
  return {
    kind: 'block',
    border: margins ? { fill: 'reflect', margins } : mirrored(sidePx),
    conv: { kernel: `${key}.1.weight`, bias, from, to, sidePx, ...how },
    norm: layerNorm(`${key}.2`),
    activation: { leaky: 0.2 },
  };
}

const halving = (key: string, from: number, to: number): Block =>
  layer(key, from, to, { stride: 2, margins: [0, 0, 1, 1] });

const layerNorm = (key: string) =>
  ({ kind: 'layer', epsilon: EPSILON, scale: `${key}.weight`, shift: `${key}.bias` }) as const;

/** 1x1 to twice the channels, 3x3 per channel, 1x1 to 256 channels. */
function inverted(key: string, from: number): Block[] {
  const inner = 2 * from;
  return [
    layer(`${key}.layers.0`, from, inner, { sidePx: 1 }),
    layer(`${key}.layers.1`, inner, inner, { depthwise: true }),
    {
      kind: 'block',
      conv: { kernel: `${key}.layers.2.weight`, from: inner, to: 256, sidePx: 1 },
      norm: layerNorm(`${key}.layers.3`),
    },
  ];
}
