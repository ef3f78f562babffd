// A network as data: its steps in order, and under which keys a checkpoint keeps their numbers.

import type { Shapes } from './architecture.js';

/** [top, left, bottom, right] pixels. */
export type Margins = readonly [number, number, number, number];

/** A convolution, or with `transposed` one that enlarges. */
export interface Convolution {
  /** Keys of its tensors. */
  kernel: string;
  bias?: string | undefined;
  /** Channels. */
  from: number;
  to: number;
  /** Side of the square kernel. */
  sidePx: number;
  stride?: 1 | 2;
  /** One kernel plane per channel. */
  depthwise?: boolean;
  transposed?: boolean;
  /** Order of the kernel's axes in the file: PyTorch's and MindSpore's `oihw` (default), or TensorFlow's `hwio`. */
  layout?: 'oihw' | 'hwio';
}

/** A norm: `scale` and `shift` are keys, absent where it has none. */
export type Norm =
  | { kind: 'instance' | 'layer'; epsilon: number; scale?: string; shift?: string }
  | { kind: 'batch'; epsilon: number; mean: string; variance: string; scale?: string; shift?: string };

export type Activation = 'relu' | 'tanh' | { leaky: number };

/** Border, convolution, norm and activation: what all of these networks are made of. */
export interface Block {
  kind: 'block';
  /** Pixels added around the picture first; of a transposed convolution, zeros cut off its result. */
  border?: { fill: 'reflect' | 'zero'; margins: Margins };
  conv: Convolution;
  norm?: Norm;
  activation?: Activation;
}

export type Step =
  | Block
  /** Adds its input to what its steps make of it. */
  | { kind: 'residual'; steps: readonly Step[] }
  /** Doubles both sides; `aligned` maps the outermost pixels' centres onto each other. */
  | { kind: 'enlarge'; by: 'nearest' | 'bilinear' | 'bilinear-aligned' }
  /** factor * x + offset, clipped. */
  | { kind: 'levels'; factor: number; offset: number; clip: readonly [number, number] };

/** The same margin on all sides. */
export const around = (px: number): Margins => [px, px, px, px];

/** A border of mirrored pixels that keeps the size under a kernel of that side. */
export const mirrored = (sidePx: number): Block['border'] =>
  sidePx === 1 ? undefined : { fill: 'reflect', margins: around((sidePx - 1) / 2) };

/** Zeros all around. */
export const zeros = (px: number): Block['border'] => ({ fill: 'zero', margins: around(px) });

/** Every tensor that the steps read, with the dims that it has in a file. A key that is read twice stands once. */
export function tensorsOf(steps: readonly Step[]): Shapes {
  return new Map(steps.flatMap(tensorsOfStep));
}

type Entry = [key: string, dims: readonly number[]];

function tensorsOfStep(step: Step): Entry[] {
  if (step.kind === 'residual') return [...tensorsOf(step.steps)];
  return step.kind === 'block' ? tensorsOfBlock(step) : [];
}

function tensorsOfBlock({ conv, norm }: Block): Entry[] {
  const { kernel, bias, to } = conv;
  const statistics = norm?.kind === 'batch' ? [norm.mean, norm.variance] : [];
  const perChannel = [bias, norm?.scale, norm?.shift, ...statistics].filter((key) => key !== undefined);
  return [[kernel, storedDims(conv)], ...perChannel.map((key): Entry => [key, [to]])];
}

function storedDims({ from, to, sidePx, depthwise, transposed, layout = 'oihw' }: Convolution): number[] {
  const reads = depthwise ? 1 : from;
  const [outer, inner] = transposed ? [reads, to] : [to, reads];
  return layout === 'oihw' ? [outer, inner, sidePx, sidePx] : [sidePx, sidePx, inner, outer];
}
