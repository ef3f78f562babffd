// Layers and losses are PyTorch's: values, gradients, names of weights and renewed statistics against test/oracles/layers.py.

import assert from 'node:assert/strict';
import { sizeOf, type Tensor, tensor } from '../../shared/tensor.js';
import * as a from '../../shared/train/arithmetic.js';
import { gradients } from '../../shared/train/gradients.js';
import * as l from '../../shared/train/layers.js';
import * as losses from '../../shared/train/losses.js';
import type { Node } from '../../shared/train/ops.js';
import { openMachine, type Reports, type Step, step } from '../../shared/train/step.js';
import { type State, Weights } from '../../shared/train/weights.js';
import { numbers } from '../models/architectures/oracle.js';
import json from '../oracles/layers.json' with { type: 'json' };
import { assertNear, numbersOf, type Recipe, stateOf } from './stored.js';

/** What layers.py wrote of a layer. */
interface Case {
  title: string;
  inputs: Record<string, Recipe>;
  /** Dims and whole numbers. */
  indices: Record<string, readonly [dims: readonly number[], values: readonly number[]]>;
  tensors: Record<string, Recipe>;
  dims: number[];
  y: string;
  gradients: Record<string, string>;
  renewed: Record<string, string>;
}

/** From the inputs by name. */
type Make = (inputs: Record<string, Node>, weights: Weights) => Node;
/** Of one input called x. */
const of =
  (layer: l.Layer): Make =>
  ({ x }, weights) =>
    layer(x, weights);
const pool = of(l.maxPool({ side: 2 }));
const batch = of(l.batchNorm());
const halved = (loss: Node): Node => a.multiply(loss, 0.5);

const MADE: Record<string, Make> = {
  dense: of(l.dense(3)),
  convolution: of(l.convolution(3, { side: 3 })),
  'convolution, stride 2 and padding 1': of(l.convolution(3, { side: 3, stride: 2, padding: 1 })),
  'convolution, side 4, stride 2 and padding 1': of(l.convolution(3, { side: 4, stride: 2, padding: 1 })),
  'convolution, dilated': of(l.convolution(3, { side: 2, dilation: 2 })),
  'convolution in groups': of(l.convolution(6, { side: 3, groups: 2 })),
  'convolution with a mirrored border': of(l.convolution(3, { side: 3, padding: 1, border: 'mirrored' })),
  'convolution of the same size': of(l.convolution(3, { side: 5, padding: 'same' })),
  'convolution without bias': of(l.convolution(3, { side: 3, bias: false })),
  'transposed convolution, side 4, stride 2 and padding 1': of(
    l.transposedConvolution(3, { side: 4, stride: 2, padding: 1 }),
  ),
  'transposed convolution, output padding': of(
    l.transposedConvolution(3, { side: 3, stride: 2, padding: 1, outputPadding: 1 }),
  ),
  'transposed convolution, side 5, stride 3 and padding 1': of(
    l.transposedConvolution(3, { side: 5, stride: 3, padding: 1 }),
  ),
  'transposed convolution, side 2, stride 2 and padding 1': of(
    l.transposedConvolution(3, { side: 2, stride: 2, padding: 1 }),
  ),
  'max pool': pool,
  'max pool that overlaps': of(l.maxPool({ side: 2, stride: 1 })),
  'max pool, padded': of(l.maxPool({ side: 3, stride: 2, padding: 1 })),
  'average pool': of(l.averagePool({ side: 2 })),
  'average pool, padded': of(l.averagePool({ side: 3, stride: 1, padding: 1 })),
  'batch norm of maps in training': batch,
  'batch norm of rows in training': batch,
  'batch norm without numbers of its own in training': of(l.batchNorm({ affine: false })),
  'batch norm of maps in use': batch,
  'batch norm of rows in use': batch,
  'instance norm': of(l.instanceNorm()),
  'instance norm with numbers of its own': of(l.instanceNorm({ affine: true })),
  'group norm': of(l.groupNorm(2)),
  'group norm of one group': of(l.groupNorm(1)),
  'layer norm': of(l.layerNorm),
  embedding: ({ indices }, weights) => l.embedding(5, 3)(indices, weights),
  'attention to itself': of(l.attention(6, 2)),
  'attention to a context': ({ x, context }, weights) => l.attention(6, 2, context)(x, weights),
  relu: of(l.relu),
  'leaky relu': of(l.leakyRelu(0.2)),
  silu: of(l.silu),
  gelu: of(l.gelu),
  tanh: of(l.tanh),
  sigmoid: of(l.sigmoid),
  softmax: of(a.softmax),
  'log softmax': of(a.logSoftmax),
  'nearest to twice the size': of((x) => l.resize(x, [6, 8])),
  'nearest to an odd size': of((x) => l.resize(x, [7, 3])),
  'bilinear to twice the size': of((x) => l.resize(x, [6, 8], { mode: 'bilinear' })),
  'bilinear to twice the size, corners aligned': of((x) =>
    l.resize(x, [6, 8], { mode: 'bilinear', alignCorners: true }),
  ),
  'bilinear to an odd size': of((x) => l.resize(x, [7, 3], { mode: 'bilinear' })),
  'bilinear to an odd size, corners aligned': of((x) =>
    l.resize(x, [7, 3], { mode: 'bilinear', alignCorners: true }),
  ),
  concat: ({ first, second, third }) => a.concat([first, second, third], 1),
  slice: ({ x }) => a.slice(x, [0, 1, 2], [2, 3, 5]),
  'zero pad': of((x) => a.pad(x, [0, 0, 0, 1], [0, 0, 3, 2])),
  'reflection pad': of((x) => l.mirrorPad(x, 2)),
  'L1 loss': ({ x, target }) => losses.l1(x, target),
  'mean squared error': ({ x, target }) => losses.meanSquare(x, target),
  'binary cross entropy, real': of((x) => losses.binaryCrossEntropy(x, 1)),
  'binary cross entropy, fake': of((x) => losses.binaryCrossEntropy(x, 0)),
  'cross entropy': ({ x, labels }) => losses.crossEntropy(x, labels),
  'KL divergence': ({ mean, log_variance }) => losses.klDivergence(mean, log_variance),
  'least squares, real': of((x) => halved(losses.meanSquare(x, 1))),
  'least squares, fake': of((x) => halved(losses.meanSquare(x, 0))),
};

const CASES = json as unknown as readonly Case[];
const TURN = { step: 1, seed: 1 };
/** In units of the largest number. */
const TOLERANCE = 1e-5;

describe('layers and losses', () => {
  it('are all held against PyTorch', () => {
    assert.deepEqual(Object.keys(MADE).toSorted(), CASES.map(({ title }) => title).toSorted());
  });

  for (const each of CASES) it(`are PyTorch's: ${each.title}`, () => agrees(each));
});

async function agrees(each: Case): Promise<void> {
  const { title, tensors, dims } = each;
  const isInUse = title.endsWith(' in use');
  const weights = new Weights({ training: !isInUse });
  const inputs = Object.fromEntries(
    [...Object.entries(each.inputs), ...Object.entries(each.indices)].map(([name, [dims]]) => [
      name,
      a.input(`input ${name}`, dims),
    ]),
  );
  const y = MADE[title](inputs, weights);
  assert.deepEqual(y.dims, dims);
  const learned = Object.keys(tensors).filter((key) => !key.startsWith('running_'));
  assert.deepEqual(weights.names('learned').toSorted(), learned.toSorted(), 'names of what is learned');

  const weight = numbers(`${title}: weight of the sum`, [dims, 0, 1]);
  const loss = losses.sumOf(a.multiply(y, a.constant(dims, weight)));
  const differentiated = Object.keys(each.gradients);
  const slopes = gradients(
    loss,
    differentiated.map((name) => inputs[name] ?? weights.current(name)),
  );
  const reports = Object.fromEntries(slopes.map((slope, at) => [`gradient of ${differentiated[at]}`, slope]));
  const state = stateOf(tensors, (key) => `${title}: ${key}`);
  const got = await runOnce(step(weights, { y, ...reports }), state, fedTo(each));

  assertNear(got.y.data, numbersOf(each.y), TOLERANCE, 'y');
  for (const [name, stored] of Object.entries(each.gradients))
    assertNear(got[`gradient of ${name}`].data, numbersOf(stored), TOLERANCE, `gradient of ${name}`);
  assert.deepEqual([...weights.updates.keys()].toSorted(), Object.keys(each.renewed).toSorted());
  for (const [name, stored] of Object.entries(each.renewed))
    assertNear(state.get(name)!.data, numbersOf(stored), TOLERANCE, name);
}

function fedTo({ title, inputs, indices }: Case): Record<string, Tensor> {
  const drawn = Object.entries(inputs).map(([name, recipe]) => [
    `input ${name}`,
    tensor(recipe[0], numbers(`${title}: ${name}`, recipe)),
  ]);
  const whole = Object.entries(indices).map(([name, [dims, values]]) => [
    `input ${name}`,
    tensor(dims, Float32Array.from(values)),
  ]);
  return Object.fromEntries([...drawn, ...whole]);
}

async function runOnce(
  given: Step,
  state: State,
  feeds: Record<string, Tensor> = {},
  turn = TURN,
): Promise<Reports> {
  const machine = await openMachine(given, { name: 'a layer', device: 'cpu' });
  try {
    return await machine.run(state, turn, feeds);
  } finally {
    await machine.close();
  }
}

describe('dropout', () => {
  const dims = [40, 100];
  const ones = { x: tensor(dims, new Float32Array(sizeOf(dims)).fill(1)) };
  const dropped = async (turn = TURN, { training = true, under = 'first' } = {}) => {
    const y = l.dropout(0.3)(a.input('x', dims), new Weights({ training }).under(under));
    return (await runOnce(step(new Weights(), { y }), new Map(), ones, turn)).y.data;
  };
  const meanOf = (data: Float32Array) => data.reduce((sum, value) => sum + value, 0) / data.length;

  it('drops as many as it was told and keeps the mean', async () => {
    const data = await dropped();
    const zeros = data.filter((value) => value === 0).length / data.length;
    assert.ok(Math.abs(zeros - 0.3) < 0.04, `${zeros} were dropped`);
    assert.ok(Math.abs(meanOf(data) - 1) < 0.06, `the mean is ${meanOf(data)}`);
    for (const value of new Set(data)) if (value !== 0) assert.ok(Math.abs(value - 1 / 0.7) < 1e-6);
  });

  it('drops others at each step, with each seed and in each place', async () => {
    const rows = [
      await dropped(),
      await dropped({ ...TURN, step: 2 }),
      await dropped({ ...TURN, seed: 2 }),
      await dropped(TURN, { under: 'second' }),
    ].map((data) => data.join());
    assert.equal(new Set(rows).size, rows.length);
  });

  it('drops the same for the same seed and step', async () => {
    assert.deepEqual(await dropped({ step: 5, seed: 3 }), await dropped({ step: 5, seed: 3 }));
  });

  it('lets the same pass forwards and backwards', async () => {
    const x = a.input('x', dims);
    const y = l.dropout(0.3)(x, new Weights());
    const [slope] = gradients(losses.sumOf(y), [x]);
    const got = await runOnce(step(new Weights(), { y, slope }), new Map(), ones);
    assert.deepEqual(got.slope.data, got.y.data);
  });

  it('drops others each time that a network is used in a step', async () => {
    const [x, weights] = [a.input('x', dims), new Weights()];
    const [once, again] = [0, 1].map(() => l.dropout(0.3)(x, weights));
    const got = await runOnce(step(new Weights(), { once, again }), new Map(), ones);
    assert.notDeepEqual(got.once.data, got.again.data);
  });

  it('does nothing in use', async () => {
    assert.deepEqual(await dropped(TURN, { training: false }), ones.x.data);
  });
});

describe('losses', () => {
  const rule = (make: (x: Node) => Node, dims: number[], given: number[]) => {
    const x = a.input('x', dims);
    const [slope] = gradients(make(x), [x]);
    return runOnce(step(new Weights(), { slope }), new Map(), { x: tensor(dims, Float32Array.from(given)) });
  };

  it('slope evenly where logits are zero', async () => {
    const { slope } = await rule((x) => losses.binaryCrossEntropy(x, 1), [2], [0, 0]);
    assert.deepEqual([...slope.data], [-0.25, -0.25]);
  });

  it('of one output may be several', async () => {
    const kernel = a.constant([1, 1, 1, 1], Float32Array.of(2));
    const both = (y: Node) => a.add(losses.meanOf(y), losses.sumOf(y));
    const { slope } = await rule((x) => both(a.conv(x, kernel, a.walk())), [1, 1, 2, 2], [1, 2, 3, 4]);
    assert.deepEqual([...slope.data], Array(4).fill(2.5));
  });
});

describe('what is spread twice', () => {
  it('keeps the shape that it was spread to', () => {
    const [p, q] = ['p', 'q'].map((name) => a.expand(a.input(name, [1, 1]), [4, 3]));
    assert.deepEqual(a.add(p, q).dims, [4, 3]);
    assert.deepEqual(a.square(p).dims, [4, 3]);
  });
});
