// Forms of ops that move numbers.

import type { GraphBuilder, Value } from '../../../../shared/models/onnx/builder.js';
import { type Forms, floats, ints } from '../form.js';

const END = 2 ** 63;

/** What follows from a shape: numbers that are known while reading. */
const fromShape =
  (make: (graph: GraphBuilder, shape: Value, x: Value) => Value) =>
  (graph: GraphBuilder, [x]: readonly Value[]): Value =>
    make(graph, graph.op('Shape', [x]), x);
const at = (graph: GraphBuilder, shape: Value, index: number): Value =>
  graph.op('Gather', [shape, graph.ints([index])], { axis: 0 });

export const LAYOUT_FORMS: Forms = {
  Identity: { 'of a value': { of: '2x3' } },
  Dropout: {
    'in use': { of: '2x3' },
    'with a rate and a mask that nobody looks at': { of: '2x3', and: [0.5], outputs: 1 },
    'of opset 10, with its rate as an attribute': { of: '2x3', opset: 10 },
  },
  Shape: {
    'of all axes': { of: '2x3x4' },
    'of some axes': { of: '2x3x4x5', attributes: { start: 1, end: -1 } },
    'from behind': { of: '2x3x4x5', attributes: { start: -2 } },
  },
  Size: { 'of a value': { of: '2x3x4' } },
  Reshape: {
    'with what is left': { of: '2x6', and: [ints(3, -1)] },
    'with a size that stays': { of: '2x3x4', and: [ints(0, -1)] },
    'as exporters write it, of sizes that were looked up': {
      of: '2x3x4x5',
      make: fromShape((graph, shape, x) => {
        const batch = graph.op('Unsqueeze', [
          graph.op('Gather', [shape, graph.op('Squeeze', [graph.ints([0])])], { axis: 0 }),
          graph.ints([0]),
        ]);
        const places = graph.op('Mul', [at(graph, shape, 2), at(graph, shape, 3)]);
        const sizes = graph.op('Concat', [batch, at(graph, shape, 1), places], { axis: 0 });
        return graph.op('Reshape', [x, sizes]);
      }),
    },
  },
  Flatten: {
    'behind the batch': { of: '2x3x4' },
    'of all': { of: '2x3x4', attributes: { axis: 0 } },
    'from behind': { of: '2x3x4', attributes: { axis: -1 } },
    'up to the end': { of: '2x3x4', attributes: { axis: 3 } },
  },
  Squeeze: {
    'of all that are 1': { of: '1x3x1x2' },
    'of one axis': { of: '1x3x1x2', and: [ints(-2)] },
    'of opset 11, with its axes as an attribute': { of: '1x3x1', opset: 11, attributes: { axes: [0, 2] } },
  },
  Unsqueeze: {
    'at both ends': { of: '2x3', and: [ints(0, -1)] },
    'in the middle': { of: '2x3', and: [ints(1, 2)] },
    'of opset 11, with its axes as an attribute': { of: '2x3', opset: 11, attributes: { axes: [0, 2] } },
  },
  Transpose: {
    'turned around': { of: '2x3x4' },
    'in an order': { of: '2x3x4', attributes: { perm: [1, 2, 0] } },
    'of known numbers': {
      make: (graph) =>
        graph.op(
          'Transpose',
          [graph.op('Reshape', [graph.ints([1, 2, 3, 4, 5, 6]), graph.ints([1, 2, 3])])],
          {
            perm: [2, 0, 1],
          },
        ),
    },
  },
  Concat: {
    'along the first axis': { of: '2x3 1x3', attributes: { axis: 0 } },
    'along the last axis': { of: '2x3 2x1 2x2', attributes: { axis: -1 } },
    'of a value and what is known': { of: '3', and: [floats(1, 2)], attributes: { axis: 0 } },
    'of known numbers along the last axis': {
      make(graph) {
        const two = [
          [1, 2, 3, 4, 5, 6],
          [7, 8],
        ].map((numbers) => graph.op('Reshape', [graph.ints(numbers), graph.ints([2, -1])]));
        return graph.op('Concat', two, { axis: 1 });
      },
    },
  },
  Split: {
    'into two': { of: '4x6', outputs: 2, opset: 13 },
    'into three along the last axis': { of: '4x6', outputs: 3, attributes: { axis: -1, num_outputs: 3 } },
    'into uneven parts': { of: '2x7', outputs: 3, attributes: { axis: 1, num_outputs: 3 } },
    'into parts of these sizes': { of: '2x7', and: [ints(1, 4, 2)], outputs: 3, attributes: { axis: 1 } },
    'of opset 11, with its sizes as an attribute': {
      ...{ of: '2x7', outputs: 2, opset: 11 },
      attributes: { axis: 1, split: [3, 4] },
    },
  },
  Slice: {
    'of two axes': { of: '4x5', and: [ints(1, 0), ints(3, 4)] },
    'from behind': { of: '4x5', and: [ints(-3), ints(-1), ints(-1)] },
    'to the end': { of: '4x5', and: [ints(1), ints(END), ints(1)] },
    'with a step': { of: '4x7', and: [ints(1), ints(7), ints(1), ints(2)] },
    backwards: { of: '4x7', and: [ints(-1), ints(-END), ints(1), ints(-1)] },
    'backwards, not all': { of: '4x7', and: [ints(5), ints(1), ints(1), ints(-1)] },
    'backwards with a step': { of: '7x2', and: [ints(END), ints(-END), ints(0), ints(-3)] },
    'backwards from too far': { of: '5', and: [ints(9), ints(-5), ints(0), ints(-2)] },
    'of opset 9, by attributes': {
      ...{ of: '4x5', opset: 9 },
      attributes: { starts: [1, -4], ends: [9, -1], axes: [0, 1] },
    },
    'of a shape': {
      of: '2x3x4x5',
      make: fromShape((graph, shape) =>
        graph.op('Slice', [shape, ...[[-1], [-END], [0], [-2]].map((list) => graph.ints(list))]),
      ),
    },
    'of nothing from a shape': {
      of: '2x3x4x5',
      make: fromShape((graph, shape) => {
        const none = graph.op('Slice', [shape, ...[[4], [9], [0]].map((list) => graph.ints(list))]);
        return graph.op('Concat', [none, shape], { axis: 0 });
      }),
    },
  },
  Gather: {
    'of rows': { of: '4x3', and: [ints(2, 0, 2)] },
    'counted from behind': { of: '4x3', and: [ints(-1, 1)] },
    'along the last axis': { of: '2x4', and: [ints(3, -4)], attributes: { axis: -1 } },
    'along a middle axis': { of: '2x4x3', and: [ints(1, -1, 0)], attributes: { axis: 1 } },
    'of one place, which takes the axis away': {
      of: '2x4x3',
      make: (graph, [x]) => graph.op('Gather', [x, graph.op('Squeeze', [graph.ints([-2])])], { axis: 1 }),
    },
    'of one place, which leaves the axis': { of: '2x4x3', and: [ints(-2)], attributes: { axis: 1 } },
    'by indices of two axes along a middle one': {
      of: '2x4x3',
      make: (graph, [x]) =>
        graph.op('Gather', [x, graph.op('Reshape', [graph.ints([0, 3, -1, 1]), graph.ints([2, 2])])], {
          axis: 1,
        }),
    },
    'of a shape': { of: '2x3x4', make: fromShape((graph, shape) => at(graph, shape, -1)) },
  },
  Expand: {
    'of a row': { of: '1x3', and: [ints(4, 1)] },
    'to more axes': { of: '3x1', and: [ints(2, 1, 4)] },
    'of a shape': {
      of: '2x3',
      make: fromShape((graph, shape) => graph.op('Expand', [shape, graph.ints([3, 1])])),
    },
  },
  Tile: {
    'along two axes': { of: '2x1x3', and: [ints(2, 1, 3)] },
    'of a shape': {
      of: '2x3',
      make: fromShape((graph, shape) => graph.op('Tile', [shape, graph.ints([2])])),
    },
  },
  DepthToSpace: {
    'of depth first': { of: '2x12x2x3', attributes: { blocksize: 2 } },
    'of columns first': { of: '2x12x2x3', attributes: { blocksize: 2, mode: 'CRD' } },
  },
  SpaceToDepth: { 'in blocks': { of: '2x3x4x6', attributes: { blocksize: 2 } } },
};
