// Guessing between which values a network paints black and white.

import assert from 'node:assert/strict';
import { guessRange } from '../../../shared/models/imports/range.js';
import { float, type GraphBuilder, type Value } from '../../../shared/models/onnx/builder.js';
import { ATTRIBUTE_TYPE, type OnnxModel } from '../../../shared/models/onnx/file.js';
import { floatTensor } from '../../../shared/models/onnx/tensor-proto.js';
import { toFloat16 } from '../../fixtures/half.js';
import { EVERY_IO, tinyGan } from '../../fixtures/tiny-gan.js';
import { networkOf } from './world.js';

type Draw = (graph: GraphBuilder, x: Value) => Value;

const guess = (model: OnnxModel) => guessRange(model.graph);
const rangeOf = (draw: Draw) => guess(networkOf(draw)).range;
const tanh: Draw = (graph, x) => graph.op('Tanh', [x]);
const scaled =
  (factor: number, offset: number): Draw =>
  (graph, x) =>
    graph.op('Add', [graph.op('Mul', [tanh(graph, x), graph.scalar(factor)]), graph.scalar(offset)]);

describe('the range of a network', () => {
  for (const io of EVERY_IO.filter(({ channels }) => channels === 'rgb'))
    it(`of layout ${io.layout} is found behind its last steps: ${io.range.join(' to ')}`, () => {
      const { range, reason } = guess(tinyGan({ io, kind: 'random' }));
      assert.deepEqual(range, io.range);
      assert.equal(reason, 'as its last step is Tanh');
    });

  it('is the same where all is float16', () => {
    const model = toFloat16(tinyGan({ io: { ...EVERY_IO[0], range: [0, 255] }, kind: 'random' }));
    assert.deepEqual(guess(model).range, [0, 255]);
  });

  it('is assumed to be -1 to 1, and said to be assumed, where nothing bounds the output', () => {
    for (const draw of [(_, x) => x, (graph, x) => graph.op('Relu', [x])] as Draw[])
      assert.deepEqual(guess(networkOf(draw)), {
        range: [-1, 1],
        reason: 'assumed: nothing in the network bounds its output',
      });
  });

  const cases: [string, Draw, [number, number]][] = [
    ['a sigmoid', (graph, x) => graph.op('Sigmoid', [x]), [0, 1]],
    [
      'a tanh that is subtracted from a number',
      (graph, x) => graph.op('Sub', [graph.scalar(0), tanh(graph, x)]),
      [-1, 1],
    ],
    [
      'a tanh divided by two, and a half',
      (graph, x) => graph.op('Add', [graph.scalar(0.5), graph.op('Div', [tanh(graph, x), graph.scalar(2)])]),
      [0, 1],
    ],
    ['a tanh times -127.5, and 127.5', scaled(-127.5, 127.5), [0, 255]],
    ['a tanh stretched so that black and white are reached', scaled(150, 127.5), [0, 255]],
    ['a range of its own', scaled(0.5, 0), [-0.5, 0.5]],
    ['a clip', (graph, x) => graph.op('Clip', [x, graph.scalar(0), graph.scalar(255)]), [0, 255]],
    [
      'a clip of an older kind',
      (graph, x) => graph.op('Clip', [x], { min: float(0), max: float(1) }),
      [0, 1],
    ],
    [
      'a stretched tanh that is clipped',
      (graph, x) => graph.op('Clip', [scaled(150, 127.5)(graph, x), graph.scalar(0), graph.scalar(255)]),
      [0, 255],
    ],
    [
      'a clip on one side of what is bounded on the other',
      (graph, x) => graph.op('Clip', [graph.op('Mul', [tanh(graph, x), graph.scalar(255)]), graph.scalar(0)]),
      [0, 255],
    ],
    [
      'moves behind a tanh',
      (graph, x) => graph.op('Identity', [graph.op('Transpose', [tanh(graph, x)], { perm: [0, 1, 3, 2] })]),
      [-1, 1],
    ],
  ];
  for (const [title, draw, range] of cases)
    it(`is read off ${title}`, () => assert.deepEqual(rangeOf(draw), range));

  const without: [string, Draw][] = [
    ['a clip on one side', (graph, x) => graph.op('Clip', [x, graph.scalar(0)])],
    ['a number divided by a tanh', (graph, x) => graph.op('Div', [graph.scalar(1), tanh(graph, x)])],
    [
      'a different shift for each channel',
      (graph, x) => graph.op('Add', [tanh(graph, x), graph.weight([3, 1, 1], Float32Array.of(0, 1, 2))]),
    ],
    ['two pictures in one', (graph, x) => graph.op('Add', [tanh(graph, x), x])],
    ['a multiplication by nothing', (graph, x) => graph.op('Mul', [tanh(graph, x), graph.scalar(0)])],
  ];
  for (const [title, draw] of without)
    it(`is not read off ${title}`, () => {
      assert.match(guess(networkOf(draw)).reason, /^assumed/);
    });

  it('is found where the numbers are nodes of the graph', () => {
    const model = networkOf(scaled(127.5, 127.5));
    const { graph } = model;
    for (const { name = '' } of graph.initializer)
      graph.node.unshift({
        opType: 'Constant',
        input: [],
        output: [name],
        attribute: [
          { name: 'value', type: ATTRIBUTE_TYPE.tensor, t: floatTensor([1], Float32Array.of(127.5)) },
        ],
      });
    graph.initializer = [];
    assert.deepEqual(guess(model).range, [0, 255]);
  });

  it('does not hang on a graph that goes in a circle', () => {
    const circle = networkOf((_, x) => x);
    circle.graph.node = [{ opType: 'Identity', input: ['drawing'], output: ['drawing'], attribute: [] }];
    assert.match(guess(circle).reason, /^assumed/);
    const constants = networkOf((graph, x) => graph.op('Add', [tanh(graph, x), 'round']));
    constants.graph.node.push({ opType: 'Identity', input: ['round'], output: ['round'], attribute: [] });
    assert.match(guess(constants).reason, /^assumed/);
  });
});
