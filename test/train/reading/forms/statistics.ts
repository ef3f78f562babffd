// Forms of sums, means and norms, and of numbers out of nothing.

import { float, type GraphBuilder, type Value } from '../../../../shared/models/onnx/builder.js';
import { ATTRIBUTE_TYPE, type Attribute, DATA_TYPE } from '../../../../shared/models/onnx/file.js';
import { floatTensor, intTensor } from '../../../../shared/models/onnx/tensor-proto.js';
import { type Form, type Forms, floats, ints } from '../form.js';

/** `since` is the opset from which axes are an input and no attribute. */
const reduced = (since: number): Record<string, Form> => ({
  'of all': { of: '2x3x4', opset: since },
  'of all, to a single number': { of: '2x3x4', opset: since, attributes: { keepdims: 0 } },
  'along two axes': { of: '2x3x4', opset: since, and: [ints(0, -1)] },
  'along two axes, which go': { of: '2x3x4', opset: since, and: [ints(0, -1)], attributes: { keepdims: 0 } },
  'along none': { of: '2x3x4', opset: since, and: [ints()], attributes: { noop_with_empty_axes: 1 } },
  'along none, none named': { of: '2x3', opset: since, attributes: { noop_with_empty_axes: 1 } },
  'along none, which are all': { of: '2x3x4', opset: since, and: [ints()] },
  'by attributes, before': { of: '2x3x4', opset: since - 1, attributes: { axes: [1, -1], keepdims: 0 } },
});
const rows = (graph: GraphBuilder): Value =>
  graph.op('Reshape', [graph.ints([1, 2, 3, 4, 5, 6]), graph.ints([2, 3])]);
const ofKnown = (op: string): Record<string, Form> => ({
  'of known numbers': { make: (graph) => graph.op(op, [rows(graph)]) },
  'of known numbers along one axis': {
    make: (graph) => graph.op(op, [rows(graph), graph.ints([1])], { keepdims: 0 }),
  },
  'of a shape, which decides on another': {
    of: '2x3x4',
    make(graph, [x]) {
      const size = graph.op(op, [graph.op('Shape', [x])]);
      return graph.op('Expand', [graph.scalar(2), size]);
    },
  },
});

const SCALES = floats(1, 0.5, -2, 1.5);
const SHIFTS = floats(0.5, -1, 0.25, 2);

export const STATISTICS_FORMS: Forms = {
  ReduceSum: { ...reduced(13), ...ofKnown('ReduceSum') },
  ReduceMean: reduced(18),
  ReduceSumSquare: reduced(18),
  ReduceL2: reduced(18),
  ReduceL1: reduced(18),
  ReduceProd: ofKnown('ReduceProd'),
  ReduceMax: { ...reduced(18), ...ofKnown('ReduceMax') },
  ReduceMin: { ...reduced(18), ...ofKnown('ReduceMin') },
  GlobalMaxPool: { 'of pictures': { of: '2x3x4x5' } },
  GlobalAveragePool: { 'of pictures': { of: '2x3x4x5' } },
  InstanceNormalization: {
    'of pictures': { of: '2x4x3x5', and: [SCALES, SHIFTS] },
    'of lines, as groups are normalized, with its epsilon': {
      ...{ of: '2x4x7', and: [SCALES, SHIFTS] },
      attributes: { epsilon: float(0.01) },
    },
  },
  BatchNormalization: {
    'in use': { of: '2x4x3x5', and: [SCALES, SHIFTS, floats(0.1, 0, -0.2, 1), floats(1, 0.5, 2, 0.1)] },
    'of rows, of opset 9, with its epsilon': {
      ...{ of: '3x4', and: [SCALES, SHIFTS, floats(0.1, 0, -0.2, 1), floats(1, 0.5, 2, 0.1)], opset: 9 },
      attributes: { epsilon: float(0.01) },
    },
  },
  LayerNormalization: {
    'along the last axis': { of: '2x3x4', and: [SCALES, SHIFTS] },
    'without a shift': { of: '2x3x4', and: [SCALES], attributes: { epsilon: float(0.01) } },
    'along two axes': { of: '2x3x4 3x4 3x4', attributes: { axis: -2 } },
  },
  GroupNormalization: {
    'of opset 18, scaled per group': {
      ...{ of: '2x4x3x5', and: [floats(1, -0.5), floats(0.5, -1)] },
      attributes: { num_groups: 2 },
    },
    'of opset 21, scaled per channel': {
      ...{ of: '2x4x3x5', and: [SCALES, SHIFTS], opset: 21 },
      attributes: { num_groups: 2, epsilon: float(0.01) },
    },
  },
  ConstantOfShape: {
    'of zeros': { and: [ints(2, 3)] },
    'of the shape of a value': {
      of: '2x3',
      make: (graph, [x]) => graph.op('Add', [x, graph.op('ConstantOfShape', [graph.op('Shape', [x])])]),
    },
    'of a single number': { and: [ints()] },
    'of another number': {
      and: [ints(2, 3)],
      others: [{ name: 'value', type: ATTRIBUTE_TYPE.tensor, t: floatTensor([1], Float32Array.of(0.5)) }],
    },
    'of whole numbers, which are divided with a rest': {
      others: [{ name: 'value', type: ATTRIBUTE_TYPE.tensor, t: intTensor([1], [-7]) }],
      make: (graph) => graph.op('Div', [graph.op('ConstantOfShape', [graph.ints([3])]), graph.ints([2])]),
    },
  },
  Range: {
    'of whole numbers': {
      make: (graph) =>
        graph.op(
          'Range',
          [2, 9, 3].map((number) => whole(graph, number)),
        ),
    },
    downwards: {
      make: (graph) =>
        graph.op(
          'Range',
          [5, -1, -2].map((number) => whole(graph, number)),
        ),
    },
    'of floats': { and: [0.5, 2.1, 0.25] },
    'up to a size': {
      of: '2x5',
      make(graph, [x]) {
        const size = graph.op('Gather', [graph.op('Shape', [x]), whole(graph, 1)]);
        return graph.op('Range', [whole(graph, 0), size, whole(graph, 1)]);
      },
    },
  },
};

const constant = (attribute: Omit<Attribute, 'name'>, name = 'value'): Form => ({
  others: [{ name, ...attribute }],
});
/** Numbers that the graph's nodes hold themselves. */
export const CONSTANT_FORMS: Forms = {
  Constant: {
    'of floats': constant({ type: ATTRIBUTE_TYPE.tensor, t: floatTensor([1, 2], Float32Array.of(0.5, 2)) }),
    'of whole numbers': constant({ type: ATTRIBUTE_TYPE.tensor, t: intTensor([2], [3, -4]) }),
    'of doubles, which are divided without a rest': {
      others: [
        {
          ...{ name: 'value', type: ATTRIBUTE_TYPE.tensor },
          t: { dims: [2], dataType: DATA_TYPE.float64, doubleData: [7, 0.5] },
        },
      ],
      make(graph) {
        const numbers = graph.op('Constant', []);
        const half = graph.op('Cast', [graph.scalar(2)], { to: DATA_TYPE.float64 });
        return graph.op('Cast', [graph.op('Div', [numbers, half])], { to: DATA_TYPE.float32 });
      },
    },
    'of one float': constant({ type: ATTRIBUTE_TYPE.float, f: 0.25 }, 'value_float'),
    'of some floats': constant({ type: ATTRIBUTE_TYPE.floats, floats: [0.25, 3] }, 'value_floats'),
    'of one whole number': constant({ type: ATTRIBUTE_TYPE.int, i: 7 }, 'value_int'),
    'of some whole numbers': constant({ type: ATTRIBUTE_TYPE.ints, ints: [7, -2] }, 'value_ints'),
  },
};

function whole(graph: GraphBuilder, number: number): Value {
  return graph.op('Squeeze', [graph.ints([number])]);
}
