// Layers: maps of values that may take weights. A sequence numbers its layers as PyTorch's does, activations included, so that
// weights have the names that everybody knows.

import { expected } from '../errors.js';
import { type Random, randomFor } from '../random.js';
import { sizeOf } from '../tensor.js';
import * as a from './arithmetic.js';
import type { Dims, Node, Walk } from './ops.js';
import type { Weights } from './weights.js';

/** x [N, ...] -> y [N, ...] */
export type Layer = (x: Node, weights: Weights) => Node;

/** One layer after another; their weights are called 0., 1., 2. ... */
export const sequence =
  (...layers: Layer[]): Layer =>
  (x, weights) =>
    layers.reduce((value, layer, at) => layer(value, weights.under(at)), x);

/** One layer after another over the same weights. */
export const chain =
  (...layers: Layer[]): Layer =>
  (x, weights) =>
    layers.reduce((value, layer) => layer(value, weights), x);

/** The layer's weights under a name. */
export const named =
  (name: string, layer: Layer): Layer =>
  (x, weights) =>
    layer(x, weights.under(name));

/** x + layer(x) */
export const residual =
  (layer: Layer): Layer =>
  (x, weights) =>
    a.add(x, layer(x, weights));

// Activations.

export const relu: Layer = (x) => a.relu(x);
export const leakyRelu =
  (slope: number): Layer =>
  (x) =>
    a.leakyRelu(x, slope);
export const tanh: Layer = (x) => a.tanh(x);
export const sigmoid: Layer = (x) => a.sigmoid(x);
/** x sigmoid(x) (Elfwing et al. 2017). */
export const silu: Layer = (x) => a.multiply(x, a.sigmoid(x));
/** x times the chance that a normal number is smaller (Hendrycks and Gimpel 2016). */
export const gelu: Layer = (x) =>
  a.multiply(a.multiply(x, 0.5), a.add(1, a.erf(a.multiply(x, Math.SQRT1_2))));

// Shapes.

/** [N, ...] -> [N, product of the rest] */
export const flatten: Layer = (x) => a.reshape(x, [x.dims[0], sizeOf(x.dims.slice(1))]);
/** [N, product] -> [N, ...dims] */
export const unflatten =
  (...dims: readonly number[]): Layer =>
  (x) =>
    a.reshape(x, [x.dims[0], ...dims]);

// Linear maps.

/** [..., from] -> [..., to]: y = x W^T + b, W [to, from]. */
export const dense =
  (to: number, { bias = true } = {}): Layer =>
  (x, weights) => {
    const from = x.dims[x.dims.length - 1];
    const y = a.matmul(x, a.turned(weights.learned('weight', [to, from], weights.start('kernel', from))));
    return bias ? a.add(y, weights.learned('bias', [to], weights.start('bias', from))) : y;
  };

/** Indices of any shape [...] -> rows [..., width] of a learned table. */
export const embedding =
  (rows: number, width: number): Layer =>
  (indices, weights) =>
    a.gather(weights.learned('weight', [rows, width], { normal: 1 }), indices);

export interface ConvolutionOptions {
  /** Rows and columns of the kernel. */
  side: number;
  stride?: number;
  /** Rows and columns of border on each side; `same`: as many as keep the size at stride 1 (odd kernels). */
  padding?: number | 'same';
  /** What the border holds; default zeros. */
  border?: 'zeros' | 'mirrored';
  dilation?: number;
  groups?: number;
  bias?: boolean;
}

/** [N, C, H, W] -> [N, to, H', W'], H' = floor((H + 2 padding - dilation (side - 1) - 1) / stride) + 1. */
export const convolution =
  (to: number, options: ConvolutionOptions): Layer =>
  (x, weights) => {
    const { side, dilation = 1, groups = 1, border = 'zeros', bias = true } = options;
    const padding = options.padding === 'same' ? (dilation * (side - 1)) / 2 : (options.padding ?? 0);
    const isMirrored = border === 'mirrored' && padding > 0;
    mustDivide(groups, x.dims[1]);
    if (!Number.isInteger(padding)) throw new Error(`internal: no border keeps the size with ${side} rows`);
    const from = x.dims[1] / groups;
    const kernel = weights.learned(
      'weight',
      [to, from, side, side],
      weights.start('kernel', from * side * side),
    );
    const walk = a.walk({ stride: options.stride ?? 1, padding: isMirrored ? 0 : padding, dilation, groups });
    const y = a.conv(isMirrored ? mirrorPad(x, padding) : x, kernel, walk);
    return bias ? shifted(y, weights, from * side * side) : y;
  };

function mustDivide(groups: number, channels: number): void {
  if (channels % groups !== 0) throw new Error(`internal: ${channels} channels in ${groups} groups`);
}

interface TransposedOptions {
  side: number;
  stride?: number;
  /** Rows and columns cut off on each side; `same`: at the end only, as many as leave H' = H stride. */
  padding?: number | 'same';
  /** Rows and columns that are kept at the end all the same. */
  outputPadding?: number;
  bias?: boolean;
}

/** [N, C, H, W] -> [N, to, H', W'], H' = (H - 1) stride - 2 padding + side + outputPadding; the kernel is [C, to, ...]. */
export const transposedConvolution =
  (to: number, { side, stride = 1, padding = 0, outputPadding = 0, bias = true }: TransposedOptions): Layer =>
  (x, weights) => {
    const [, from, height, width] = x.dims;
    // PyTorch takes the fan of the transposed kernel's second axis.
    const fanIn = to * side * side;
    const kernel = weights.learned('weight', [from, to, side, side], weights.start('kernel', fanIn));
    const [before, after] = padding === 'same' ? [0, side - stride] : [padding, padding - outputPadding];
    const made = (size: number) => (size - 1) * stride - before - after + side;
    const walk = a.walk({ stride });
    const end = padding === 'same' ? after : before;
    const pads: Walk['pads'] = [before, before, end, end];
    const y = a.convTranspose(x, kernel, { ...walk, pads, size: [made(height), made(width)] });
    return bias ? shifted(y, weights, fanIn) : y;
  };

/** With a learned number added to each channel. */
function shifted(y: Node, weights: Weights, fanIn: number): Node {
  const bias = weights.learned('bias', [y.dims[1]], weights.start('bias', fanIn));
  return a.add(y, perChannel(bias, y));
}

/** [C] -> [C, 1, 1], to be spread over maps. */
const perChannel = (values: Node, { dims }: Node): Node =>
  a.reshape(values, [dims[1], ...dims.slice(2).map(() => 1)]);

// Maps along the axes of pictures. Borders, sizes and their gradients are all matrices: y = R x C^T.

type Matrix = readonly (readonly number[])[];

/** Rows times x times columns, for each picture and channel. */
function alongSides(x: Node, rows: Matrix, columns: Matrix): Node {
  return a.matmul(a.matmul(matrix(rows), x), a.turned(matrix(columns)));
}
const matrix = (rows: Matrix): Node =>
  a.constant([rows.length, rows[0].length], Float32Array.from(rows.flat()));
const matrixOf = (to: number, from: number, weight: (row: number, column: number) => number): Matrix =>
  Array.from({ length: to }, (_, row) => Array.from({ length: from }, (__, column) => weight(row, column)));

/** With a border that mirrors what is inside, without its outermost row and column. */
export function mirrorPad(x: Node, padding: number): Node {
  const [height, width] = x.dims.slice(2);
  if (padding >= Math.min(height, width))
    throw expected(`pictures of more than ${padding} px`, 'a mirrored border', `${width} x ${height}`);
  const mirror = (size: number) =>
    matrixOf(size + 2 * padding, size, (row, column) => {
      const at = Math.abs(row - padding);
      return Number(column === (at < size ? at : 2 * (size - 1) - at));
    });
  return alongSides(x, mirror(height), mirror(width));
}

/** Scaled to [height, width]: each pixel the nearest one, or a mean of its neighbours (`bilinear`), as PyTorch counts pixels. */
export function resize(
  x: Node,
  [height, width]: readonly [number, number],
  { mode = 'nearest', alignCorners = false }: { mode?: 'nearest' | 'bilinear'; alignCorners?: boolean } = {},
): Node {
  const scale = (from: number, to: number) =>
    mode === 'nearest'
      ? matrixOf(to, from, (row, column) => Number(column === Math.floor((row * from) / to)))
      : matrixOf(to, from, (row, column) => {
          const centre = alignCorners
            ? (row * (from - 1)) / Math.max(to - 1, 1)
            : ((row + 0.5) * from) / to - 0.5;
          const at = Math.min(Math.max(centre, 0), from - 1);
          return Math.max(0, 1 - Math.abs(at - column));
        });
  return alongSides(x, scale(x.dims[2], height), scale(x.dims[3], width));
}

// Pooling.

interface PoolingOptions {
  side: number;
  stride?: number;
  padding?: number;
}
const padsOf = (padding: number): Walk['pads'] => [padding, padding, padding, padding];

export const maxPool =
  ({ side, stride = side, padding = 0 }: PoolingOptions): Layer =>
  (x) =>
    a.pick(x, x, { size: [side, side], strides: [stride, stride], pads: padsOf(padding) });

/** The mean of each window, zeros beyond the border counted. */
export const averagePool =
  ({ side, stride = side, padding = 0 }: PoolingOptions): Layer =>
  (x) =>
    a.conv(
      x,
      a.full([x.dims[1], 1, side, side], 1 / side ** 2),
      a.walk({ stride, padding, groups: x.dims[1] }),
    );

// Norms: (x - mean) / sqrt(variance + epsilon).

const EPSILON = 1e-5;

/** Mean 0 and variance 1 along the axes. */
export function normalize(x: Node, axes: readonly number[], epsilon = EPSILON): Node {
  const difference = a.subtract(x, a.mean(x, axes));
  return a.divide(difference, a.sqrt(a.add(a.mean(a.square(difference), axes), epsilon)));
}

const axesFrom = (first: number, { dims }: Node): number[] =>
  dims.map((_, axis) => axis).filter((axis) => axis >= first);

/** y = x scale + shift, one number each for each channel. */
function scaledPerChannel(x: Node, weights: Weights): Node {
  const scale = perChannel(weights.learned('weight', [x.dims[1]], 1), x);
  return a.add(a.multiply(x, scale), perChannel(weights.learned('bias', [x.dims[1]], 0), x));
}

/** Over each channel of each picture (Ulyanov et al. 2016). */
export const instanceNorm =
  ({ affine = false, epsilon = EPSILON } = {}): Layer =>
  (x, weights) => {
    const y = normalize(x, axesFrom(2, x), epsilon);
    return affine ? scaledPerChannel(y, weights) : y;
  };

/** Over groups of channels of each picture (Wu and He 2018). */
export const groupNorm =
  (groups: number): Layer =>
  (x, weights) => {
    mustDivide(groups, x.dims[1]);
    const grouped = a.reshape(x, [x.dims[0], groups, sizeOf(x.dims.slice(1)) / groups]);
    return scaledPerChannel(a.reshape(normalize(grouped, [2]), x.dims), weights);
  };

/** Along the last axis (Ba et al. 2016). */
export const layerNorm: Layer = (x, weights) => {
  const width = [x.dims[x.dims.length - 1]];
  const y = normalize(x, axesFrom(x.dims.length - 1, x));
  return a.add(a.multiply(y, weights.learned('weight', width, 1)), weights.learned('bias', width, 0));
};

/**
 * Over each channel of the batch (Ioffe and Szegedy 2015). Training keeps running means and unbiased variances, which use
 * takes instead.
 */
export const batchNorm =
  ({
    momentum = 0.1,
    affine = true,
    statistics = ['running_mean', 'running_var'] as readonly [string, string],
  } = {}): Layer =>
  (x, weights) => {
    const channels: Dims = [x.dims[1]];
    const axes = [0, ...axesFrom(2, x)];
    const running = statistics.map((name, at) => weights.kept(name, channels, at));
    const mean = weights.training ? a.mean(x, axes) : perChannel(running[0], x);
    const difference = a.subtract(x, mean);
    const variance = weights.training ? a.mean(a.square(difference), axes) : perChannel(running[1], x);
    if (weights.training) {
      const count = sizeOf(axes.map((axis) => x.dims[axis]));
      if (count < 2) throw expected('at least 2 pictures a step (--batch)', 'a batch norm', count);
      for (const [at, seen] of [mean, a.multiply(variance, count / (count - 1))].entries()) {
        const newest = a.reshape(a.detach(seen), channels);
        const kept = a.add(a.multiply(running[at], 1 - momentum), a.multiply(newest, momentum));
        weights.renew(statistics[at], kept);
      }
    }
    const y = a.divide(difference, a.sqrt(a.add(variance, EPSILON)));
    return affine ? scaledPerChannel(y, weights) : y;
  };

// Chance and attention.

/** Zeros with that probability (below 1) in training, the rest scaled up to keep the mean. */
export const dropout =
  (probability: number): Layer =>
  (x, weights) => {
    if (!weights.training || probability === 0) return x;
    const draws = uniformNoise(weights.unique('dropout'), x.dims, 0, 1);
    return a.multiply(x, a.divide(a.greater(draws, probability), 1 - probability));
  };

/** Numbers that are drawn anew at each step. */
const noise = (name: string, dims: Dims, draw: (random: Random) => number): Node =>
  a.input(name, dims, ({ seed, step }) => {
    const random = randomFor(seed, name, step);
    return new Float32Array(sizeOf(dims)).map(() => draw(random));
  });
export const uniformNoise = (name: string, dims: Dims, from: number, to: number): Node =>
  noise(name, dims, (random) => from + (to - from) * random.uniform());
/** Whole numbers from 0 to `count` - 1. */
export const wholeNoise = (name: string, dims: Dims, count: number): Node =>
  noise(name, dims, (random) => random.below(count));
export const normalNoise = (name: string, dims: Dims): Node => noise(name, dims, (random) => random.normal());

/** Queries [..., n, d], keys [..., m, d], values [..., m, e] -> [..., n, e] (Vaswani et al. 2017, equation 1). */
export function attend(queries: Node, keys: Node, values: Node): Node {
  const logits = a.multiply(
    a.matmul(queries, a.turned(keys)),
    1 / Math.sqrt(queries.dims[queries.dims.length - 1]),
  );
  return a.matmul(a.softmax(logits), values);
}

/** x [N, n, width] attends to `context` [N, m, width'] (default: itself) with several heads; maps Wq, Wk, Wv, Wo. */
export const attention =
  (width: number, heads: number, context?: Node): Layer =>
  (x, weights) => {
    const map = (name: string, of: Node) => dense(width, { bias: false })(of, weights.under(name));
    const split = (y: Node) =>
      a.transpose(a.reshape(y, [y.dims[0], y.dims[1], heads, width / heads]), [0, 2, 1, 3]);
    const seen = context ?? x;
    const [q, k, v] = [map('Wq', x), map('Wk', seen), map('Wv', seen)].map(split);
    const joined = a.reshape(a.transpose(attend(q, k, v), [0, 2, 1, 3]), [x.dims[0], x.dims[1], width]);
    return map('Wo', joined);
  };
