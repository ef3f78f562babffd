// What is measured over the whole plane, in every spelling: given as numbers it draws what it drew, whole and in tiles.

import { float, type Value } from '../../../shared/models/onnx/builder.js';
import { draws } from './agreement.js';
import { type Layers, type NetworkOptions, network } from './networks.js';

type Norm = (x: Value, layers: Layers) => Value;

const CHANNELS = 4;

const byItself: Norm = (x, l) => l.instanceNorm(x, CHANNELS);

/** A group norm as PyTorch spells it: flattened, normed, given its shape again; scale and shift per channel. */
const inGroups =
  (groups: number): Norm =>
  (x, l) => {
    const flat = l.op('Reshape', [x, l.ints(0, groups, -1)]);
    const [one, zero] = [1, 0].map((value) => l.graph.weight([groups], new Float32Array(groups).fill(value)));
    const normed = l.op('InstanceNormalization', [flat, one, zero], { epsilon: float(1e-4) });
    const back = l.op('Reshape', [normed, l.op('Shape', [x])]);
    const scaled = l.op('Mul', [back, l.weight([CHANNELS, 1, 1], 1)]);
    return l.op('Add', [scaled, l.weight([CHANNELS, 1, 1])]);
  };

const groupNorm =
  (groups: number, weights: number): Norm =>
  (x, l) =>
    l.op('GroupNormalization', [x, l.weight([weights], 1), l.weight([weights])], {
      num_groups: groups,
      epsilon: float(1e-4),
    });

/** (x - mean) / sqrt(mean of squares + epsilon), by operators. */
const byHand =
  (mean: (x: Value, l: Layers) => Value): Norm =>
  (x, l) => {
    const apart = l.op('Sub', [x, mean(x, l)]);
    const variance = mean(l.op('Mul', [apart, apart]), l);
    const deviation = l.op('Sqrt', [l.op('Add', [variance, l.graph.scalar(1e-4)])]);
    const scaled = l.op('Mul', [l.op('Div', [apart, deviation]), l.weight([CHANNELS, 1, 1], 1)]);
    return l.op('Add', [l.weight([1, CHANNELS, 1, 1]), scaled]);
  };

/** Squeeze and excitation: a gate per channel from the means of all. */
const gated: Norm = (x, l) => {
  const means = l.op('GlobalAveragePool', [x]);
  const squeezed = l.op('Relu', [l.conv(means, [2, CHANNELS, 1, 1])]);
  return l.op('Mul', [x, l.op('Sigmoid', [l.conv(squeezed, [CHANNELS, 2, 1, 1])])]);
};

const gatedByMatrices: Norm = (x, l) => {
  const means = l.reduce('ReduceMean', x, [2, 3], 0);
  const gate = l.op('Sigmoid', [l.op('MatMul', [means, l.weight([CHANNELS, CHANNELS])])]);
  return l.op('Mul', [x, l.op('Reshape', [gate, l.ints(1, CHANNELS, 1, 1)])]);
};

/** External attention (https://arxiv.org/abs/2105.02358): places look at a memory, which is normed over the places. */
const attention: Norm = (x, l) => {
  const flat = l.op('Reshape', [x, l.ints(0, CHANNELS, -1)]);
  const looks = l.op('MatMul', [l.weight([6, CHANNELS]), flat]);
  const shares = l.op('Softmax', [looks], { axis: -1 });
  const sums = l.reduce('ReduceSum', shares, [1]);
  const normed = l.op('Div', [shares, l.op('Add', [sums, l.graph.scalar(1e-6)])]);
  const seen = l.op('MatMul', [l.weight([CHANNELS, 6]), normed]);
  return l.op('Add', [x, l.op('Reshape', [seen, l.op('Shape', [x])])]);
};

/** What all places see of all channels is a matrix of channels: it is measured. */
const channelAttention: Norm = (x, l) => {
  const flat = l.op('Reshape', [x, l.ints(0, CHANNELS, -1)]);
  const turned = l.op('Transpose', [flat], { perm: [0, 2, 1] });
  const count = l.op('Cast', [l.dim(flat, 2)], { to: 1 });
  const alike = l.op('Softmax', [l.op('Div', [l.op('MatMul', [flat, turned]), count])], { axis: -1 });
  return l.op('Reshape', [l.op('MatMul', [alike, flat]), l.op('Shape', [x])]);
};

/** The deviation over channels of every place by itself, of AnimeGANv3. */
const pointwise: Norm = (x, l) => {
  const apart = l.op('Sub', [x, l.reduce('ReduceMean', x, [1])]);
  const variance = l.reduce('ReduceMean', l.op('Mul', [apart, apart]), [1]);
  return l.op('Div', [apart, l.op('Sqrt', [l.op('Add', [variance, l.graph.scalar(1e-3)])])]);
};

/** Between two convolutions, so that factors can go into the first and a border follows. */
const between =
  (norm: Norm) =>
  (x: Value, l: Layers): Value => {
    const normed = norm(l.conv(l.padded(x, 2), [CHANNELS, 3, 5, 5]), l);
    return l.op('Tanh', [l.conv(l.padded(l.op('Relu', [normed]), 1), [3, CHANNELS, 3, 3])]);
  };

/** Norms magnify roundings. */
const ROUNDED = { tolerance: 1e-4 };

const OPSETS = [9, 13, 18];
const from = (opset: number) => OPSETS.filter((each) => each >= opset);

const NORMS: Record<string, readonly [norm: Norm, opsets: readonly number[]]> = {
  'an instance norm': [byItself, OPSETS],
  'a flattened norm of one group': [inGroups(1), OPSETS],
  'a flattened norm of two groups': [inGroups(2), OPSETS],
  'a group norm with a scale per group': [groupNorm(4, 4), [18]],
  'a group norm with a scale per channel': [groupNorm(2, 4), [21]],
  'a norm by pooling, by hand': [byHand((x, l) => l.op('GlobalAveragePool', [x])), OPSETS],
  'a norm by means over the plane, by hand': [byHand((x, l) => l.reduce('ReduceMean', x, [2, 3])), OPSETS],
  'a norm by means over plane and channels, by hand': [
    byHand((x, l) => l.reduce('ReduceMean', x, [1, 2, 3])),
    OPSETS,
  ],
  'a mean-variance norm': [(x, l) => l.op('MeanVarianceNormalization', [x]), from(13)],
  'a gate per channel': [gated, OPSETS],
  'a gate per channel from matrices': [gatedByMatrices, OPSETS],
  'a softmax over all places': [attention, from(13)],
  'an attention between channels': [channelAttention, from(13)],
  'a deviation of every place': [pointwise, OPSETS],
  'two norms on top of each other': [(x, l) => inGroups(2)(l.instanceNorm(x, CHANNELS), l), OPSETS],
  'a norm of what was normed': [(x, l) => byItself(l.op('Relu', [byItself(x, l)]), l), [18]],
  'the largest of every channel': [(x, l) => l.op('Sub', [x, l.op('GlobalMaxPool', [x])]), OPSETS],
};

describe('a network with what it measures given as numbers', () => {
  for (const [title, [norm, opsets]] of Object.entries(NORMS))
    for (const opset of opsets)
      it(`draws what it drew, whole and in tiles: ${title}, opset ${opset}`, async () => {
        await draws(network(between(norm), { opset }), ROUNDED);
      });

  for (const [title, [norm]] of Object.entries(NORMS))
    if (!title.startsWith('a group norm'))
      it(`draws what it drew where channels come last: ${title}`, async () => {
        const options: NetworkOptions = { opset: 18, layout: 'nhwc' };
        await draws(network(between(norm), options), ROUNDED);
      });
});
