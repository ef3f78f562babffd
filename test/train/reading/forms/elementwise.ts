// Forms of ops that work number by number: over values that are fed, and over numbers that are known while reading.

import { float, type GraphBuilder, type Value } from '../../../../shared/models/onnx/builder.js';
import { DATA_TYPE } from '../../../../shared/models/onnx/file.js';
import { asFloat, type Form, type Forms, floats, ints, NOTHING } from '../form.js';

const POSITIVE = { from: 0.3, to: 3 };
const BOTH = floats(-2.5, -1.5, -0.5, 0, 0.5, 1.5, 2.5);

const one = (more: Form = {}): Record<string, Form> => ({
  'of what is fed': { of: '2x3x4', ...more },
  'of what is known': { and: [floats(0.25, 0.5, 1.5)] },
});
const fed = (more: Form = {}): Record<string, Form> => ({ 'of what is fed': { of: '2x3x4', ...more } });
const two = (more: Form = {}): Record<string, Form> => ({
  'of two shapes': { of: '2x1x3 4x1', ...more },
  'with a number': { of: '2x3', and: [1.5], ...more },
  'of what is known': { and: [floats(1.5, 2, -3), floats(2, 0.5, -3)] },
  'of whole numbers': { and: [ints(7, -7, 8, -8), ints(2, 2, -3, 8)] },
});
const truth = (graph: GraphBuilder, numbers: readonly number[]): Value =>
  graph.op('Cast', [graph.ints(numbers)], { to: DATA_TYPE.bool });
/** What is fed, compared with a number: true or false for each. */
const above = (graph: GraphBuilder, x: Value, bound = 0): Value =>
  graph.op('Greater', [x, graph.scalar(bound)]);
const compared = (op: string, bound = 0.25): Record<string, Form> => ({
  'of what is fed': {
    of: '3x4 4',
    make: (graph, inputs) => asFloat(graph, graph.op(op, inputs)),
  },
  'of equal numbers': {
    of: '3x4',
    make: (graph, [x]) => asFloat(graph, graph.op(op, [x, x])),
  },
  'of known numbers': { and: [floats(0, bound, 1), bound] },
  'of whole numbers': { and: [ints(1, 2, 3), ints(2)] },
});
const logical = (op: string): Record<string, Form> => ({
  'of what is fed': {
    of: '3x4',
    make: (graph, [x]) => asFloat(graph, graph.op(op, [above(graph, x, -0.5), above(graph, x, 0.5)])),
  },
  'of what is known': {
    make: (graph) => graph.op(op, [truth(graph, [0, 0, 1, 1]), truth(graph, [0, 1, 0, 1])]),
  },
});
const alongAxes: Record<string, Form> = {
  'along the last axis': { of: '2x3x4' },
  'along the first axis': { of: '2x3x4', attributes: { axis: 0 } },
  'along a middle axis': { of: '2x3x4x2', attributes: { axis: -2 } },
  'of opset 11, along the last axis': { of: '2x3x4', opset: 11, attributes: { axis: 2 } },
  'of opset 11, along all behind the batch': { of: '2x3x4', opset: 11 },
  'of opset 11, along a middle axis and what is behind it': {
    ...{ of: '2x3x1x1', opset: 11 },
    attributes: { axis: 1 },
  },
};

export const ELEMENTWISE_FORMS: Forms = {
  Add: two(),
  Sub: two(),
  Mul: two(),
  Div: two({ ...POSITIVE }),
  Mod: {
    'of whole numbers takes the sign of the divisor': {
      and: [ints(7, -7, 7, -7, 6), ints(3, 3, -3, -3, 3)],
    },
    'of C takes the sign of what is divided': {
      and: [ints(7, -7, 7, -7, 6), ints(3, 3, -3, -3, 3)],
      attributes: { fmod: 1 },
    },
    'of floats': { and: [floats(5.5, -5.5, 5.5), floats(2, 2, -2)], attributes: { fmod: 1 } },
  },
  Pow: {
    squared: { of: '2x3', and: [2] },
    cubed: { of: '2x3', and: [3] },
    'to the zeroth': { of: '2x3', and: [0] },
    'to the first': { of: '2x3', and: [1] },
    'to the minus second': { of: '2x3', and: [-2], ...POSITIVE },
    'to a half': { of: '2x3', and: [0.5], ...POSITIVE },
    'to minus a half': { of: '2x3', and: [-0.5], ...POSITIVE },
    'to any number': { of: '2x3', and: [1.7], ...POSITIVE },
    'to a high power': { of: '2x3', and: [9], ...POSITIVE },
    'to several numbers': { of: '2x3', and: [floats(0.5, 2, 3)], ...POSITIVE },
    'to the same number of another shape': {
      of: '3',
      and: [2],
      make: (graph, [x]) => graph.op('Pow', [x, graph.weight([2, 1], Float32Array.of(2, 2))]),
    },
    'to whole numbers': { of: '2x3', and: [ints(2)] },
    'to a number that is fed': { of: '2x3 3', ...POSITIVE },
    'of a number to what is fed': { of: '2x3', make: (graph, [x]) => graph.op('Pow', [graph.scalar(2), x]) },
    'of what is known': { and: [floats(2, 3), floats(3, 0.5)] },
  },
  Neg: one(),
  Abs: one(),
  Exp: one(),
  Log: one({ ...POSITIVE }),
  Sqrt: one({ ...POSITIVE }),
  Reciprocal: one({ ...POSITIVE }),
  Sin: one(),
  Cos: one(),
  Tanh: one(),
  Floor: {
    'of known numbers': { and: [BOTH] },
    'of a size times a scale that is not exact': {
      of: '1x10',
      make(graph, [x]) {
        const size = asFloat(graph, graph.op('Shape', [x]));
        return graph.op('Floor', [graph.op('Mul', [size, graph.scalar(0.7)])]);
      },
    },
  },
  Ceil: { 'of known numbers': { and: [BOTH] } },
  Round: { 'of known numbers, halves to the even one': { and: [BOTH] } },
  Max: {
    ...two(),
    'of one': { of: '2x3' },
    'of three': { of: '2x3 3 2x1' },
  },
  Min: {
    ...two(),
    'of one': { of: '2x3' },
    'of three': { of: '2x3 3 2x1' },
  },
  Sum: { 'of three': { of: '2x3 3 2x1' }, 'of what is known': { and: [floats(1, 2), floats(3, 4)] } },
  Equal: compared('Equal'),
  Greater: compared('Greater'),
  Less: compared('Less'),
  GreaterOrEqual: compared('GreaterOrEqual'),
  LessOrEqual: compared('LessOrEqual'),
  And: logical('And'),
  Or: logical('Or'),
  Not: {
    'of what is fed': {
      of: '3x4',
      make: (graph, [x]) => asFloat(graph, graph.op('Not', [above(graph, x)])),
    },
    'of what is known': { make: (graph) => graph.op('Not', [truth(graph, [0, 1, 5])]) },
  },
  Sigmoid: fed(),
  Erf: fed(),
  Relu: fed(),
  LeakyRelu: { ...fed(), 'with its slope': { of: '2x3', attributes: { alpha: float(0.2) } } },
  PRelu: {
    'with a slope for each channel': {
      of: '2x3x2x2',
      make: (graph, [x]) => graph.op('PRelu', [x, graph.weight([3, 1, 1], Float32Array.of(0.1, 0.5, -0.3))]),
    },
    'with one slope': { of: '2x3', and: [floats(0.25)] },
  },
  Elu: { ...fed(), 'with its height': { of: '2x3', attributes: { alpha: float(0.5) } } },
  Selu: {
    ...fed(),
    'with its heights': { of: '2x3', attributes: { alpha: float(1.2), gamma: float(0.9) } },
  },
  Softplus: { ...fed(), 'of large numbers': { of: '9', from: -200, to: 200 } },
  Mish: fed(),
  HardSigmoid: {
    ...fed({ from: -5, to: 5 }),
    'with its slope': { of: '9', from: -5, to: 5, attributes: { alpha: float(0.3), beta: float(0.4) } },
  },
  HardSwish: fed({ from: -5, to: 5 }),
  Swish: { 'of onnx 24': { of: '2x3', opset: 24, attributes: { alpha: float(1.5) } } },
  QuickGelu: {
    'of onnxruntime': { of: '2x3', domain: 'com.microsoft' },
    'of onnxruntime, with its slope': { of: '2x3', domain: 'com.microsoft', attributes: { alpha: float(1) } },
  },
  Gelu: {
    exactly: { of: '2x3', opset: 20 },
    'by tanh': { of: '2x3', opset: 20, attributes: { approximate: 'tanh' } },
    'of onnxruntime': { of: '2x3', domain: 'com.microsoft' },
  },
  Clip: {
    'on both sides': { of: '2x3', and: [-0.5, 0.75] },
    'from below': { of: '2x3', and: [0.1] },
    'from above': { of: '2x3', and: [NOTHING, 0.1] },
    'on no side': { of: '2x3' },
    'of opset 9, by attributes': {
      ...{ of: '2x3', opset: 9 },
      attributes: { min: float(-0.5), max: float(0.5) },
    },
    'of what is known': { and: [BOTH, -1, 1] },
  },
  Where: {
    'by what is fed': { of: '3x4 3x4', make: (graph, [x, y]) => graph.op('Where', [above(graph, x), x, y]) },
    'of shapes that spread': {
      of: '3x4 4',
      make: (graph, [x, y]) => graph.op('Where', [above(graph, x), y, graph.scalar(2)]),
    },
    'by what is known': {
      of: '2x3 3',
      make: (graph, [x, y]) => graph.op('Where', [truth(graph, [0, 1, 1]), x, y]),
    },
    'with endless numbers in front of a softmax, as masks are written': {
      of: '3x4',
      make(graph, [x]) {
        const endless = graph.weight([1], Float32Array.of(-Infinity), 'endless');
        const masked = [x, graph.op('Neg', [x])].map((scores) =>
          graph.op('Where', [truth(graph, [0, 1, 0, 0]), endless, scores]),
        );
        return masked.map((scores) => graph.op('Softmax', [scores], { axis: -1 }));
      },
    },
    'of what is known': {
      make: (graph) => graph.op('Where', [truth(graph, [1, 0, 1]), graph.ints([1, 2, 3]), graph.ints([-1])]),
    },
  },
  Cast: {
    'to the type that it has': { of: '2x3', attributes: { to: DATA_TYPE.float32 } },
    'of known numbers to whole ones cuts them off': { and: [BOTH], attributes: { to: DATA_TYPE.int64 } },
    'of known numbers to true or false': { and: [BOTH], attributes: { to: DATA_TYPE.bool } },
    'of whole numbers to floats, which are divided without rest': {
      make: (graph) =>
        graph.op('Div', [asFloat(graph, graph.ints([7, -7])), asFloat(graph, graph.ints([2]))]),
    },
    'of floats to whole numbers, which are divided with a rest': {
      make: (graph) =>
        graph.op('Div', [
          graph.op('Cast', [graph.weight([2], Float32Array.of(7.9, -7.9))], { to: DATA_TYPE.int32 }),
          graph.op('Cast', [graph.ints([2])], { to: DATA_TYPE.int32 }),
        ]),
    },
    'of what is fed to true or false': {
      of: '2x3',
      make: (graph, [x]) => asFloat(graph, graph.op('Cast', [graph.op('Relu', [x])], { to: DATA_TYPE.bool })),
    },
  },
  CastLike: {
    'of a value': { of: '2x3 1' },
    'of known numbers': {
      make: (graph) =>
        graph.op('Div', [
          graph.op('CastLike', [graph.weight([2], Float32Array.of(7.9, -7.9)), graph.ints([1])]),
          graph.ints([2]),
        ]),
    },
  },
  Softmax: {
    ...alongAxes,
    'of opset 11, along several axes': { of: '2x3x4x2', opset: 11, attributes: { axis: 2 } },
  },
  LogSoftmax: alongAxes,
};
