// Graphs as ONNX models: one rule per op, each node written once.

import { type AttributeValue, float, GraphBuilder, type Value } from '../models/onnx/builder.js';
import type { Graph, OnnxModel } from '../models/onnx/file.js';
import { sizeOf } from '../tensor.js';
import { BEFORE_ALL, writeConv, writeConvKernel, writeConvTranspose } from './convolutions.js';
import { inOrder } from './graph.js';
import type { AnyNode, Node, OpKind, Windows } from './ops.js';

/** Writes the node over the values of its inputs, and returns its own. */
export type OnnxRules = {
  readonly [Kind in OpKind]: (node: Node<Kind>, inputs: readonly Value[], graph: GraphBuilder) => Value;
};

const FLOAT32 = 1;
const INT64 = 7;

/** For ops that ONNX knows by another name and nothing else. */
const plain =
  (opType: string) =>
  (_: Node, inputs: readonly Value[], graph: GraphBuilder): Value =>
    graph.op(opType, inputs);

export const onnxRules: OnnxRules = {
  input: ({ attributes: { name, dims } }, _, graph) => graph.input(name, dims),
  constant: ({ attributes: { dims, data, name } }, _, graph) =>
    dims.length === 0 ? graph.scalar(data[0]) : graph.weight(dims, data, name),
  detach: (_, [x]) => x,
  add: plain('Add'),
  subtract: plain('Sub'),
  multiply: plain('Mul'),
  divide: plain('Div'),
  maximum: plain('Max'),
  greater: (_, inputs, graph) => graph.op('Cast', [graph.op('Greater', inputs)], { to: FLOAT32 }),
  exp: plain('Exp'),
  sin: plain('Sin'),
  cos: plain('Cos'),
  log: plain('Log'),
  sqrt: plain('Sqrt'),
  abs: plain('Abs'),
  tanh: plain('Tanh'),
  sigmoid: plain('Sigmoid'),
  erf: plain('Erf'),
  relu: plain('Relu'),
  leakyRelu: ({ attributes: { slope } }, inputs, graph) =>
    graph.op('LeakyRelu', inputs, { alpha: float(slope) }),
  softmax: (_, inputs, graph) => graph.op('Softmax', inputs, { axis: -1 }),
  logSoftmax: (_, inputs, graph) => graph.op('LogSoftmax', inputs, { axis: -1 }),
  sum: ({ attributes: { axes } }, [x], graph) =>
    graph.op('ReduceSum', [x, graph.ints(axes)], { keepdims: 1 }),
  // A zero keeps the size that the axis has.
  reshape: ({ dims, inputs: [{ dims: from }] }, [x], graph) =>
    graph.op('Reshape', [
      x,
      graph.ints(from.length > 0 && dims[0] === from[0] ? [0, ...dims.slice(1)] : dims),
    ]),
  expand: ({ dims }, [x], graph) => graph.op('Expand', [x, graph.ints(dims)]),
  transpose: ({ attributes: { order } }, inputs, graph) => graph.op('Transpose', inputs, { perm: order }),
  slice: ({ dims, inputs: [{ dims: from }], attributes: { starts, ends } }, [x], graph) => {
    const cut = dims.flatMap((size, axis) => (size < from[axis] ? [axis] : []));
    if (cut.length === 0) return x;
    const at = (places: readonly number[]) => graph.ints(cut.map((axis) => places[axis]));
    return graph.op('Slice', [x, at(starts), at(ends), graph.ints(cut)]);
  },
  pad: ({ attributes: { before, after } }, [x], graph) =>
    graph.op('Pad', [x, graph.ints([...before, ...after])]),
  flip: ({ attributes: { axis } }, [x], graph) =>
    graph.op('Slice', [x, ...[[-1], [BEFORE_ALL], [axis], [-1]].map((list) => graph.ints(list))]),
  concat: ({ attributes: { axis } }, inputs, graph) => graph.op('Concat', inputs, { axis }),
  gather: (_, [table, indices], graph) => graph.op('Gather', [table, whole(indices, graph)], { axis: 0 }),
  scatterAdd: ({ dims: [count, width], inputs: [, { dims: where }] }, [rows, indices], graph) => {
    // ScatterND adds with several threads at once, and loses what two of them add to one row.
    const nothing = graph.op('Expand', [graph.scalar(0), graph.ints([count, width])]);
    const column = graph.op('Reshape', [whole(indices, graph), graph.ints([-1, 1])]);
    const places = graph.op('Expand', [column, graph.ints([sizeOf(where), width])]);
    const lines = graph.op('Reshape', [rows, graph.ints([-1, width])]);
    return graph.op('ScatterElements', [nothing, places, lines], { axis: 0, reduction: 'add' });
  },
  pick: (node, [values, keys], graph) => {
    const [largest, places] = graph.ops('MaxPool', [keys], 2, windowsOf(node.attributes));
    return values === keys ? largest : graph.op('Gather', [flat(values, graph), places], { axis: 0 });
  },
  unpick: (node, [picked, keys], graph) => {
    const [, places] = graph.ops('MaxPool', [keys], 2, windowsOf(node.attributes));
    const nothing = graph.op('Expand', [graph.scalar(0), graph.ints([sizeOf(node.dims)])]);
    const sums = graph.op('ScatterElements', [nothing, flat(places, graph), flat(picked, graph)], {
      axis: 0,
      reduction: 'add',
    });
    return graph.op('Reshape', [sums, graph.ints(node.dims)]);
  },
  matmul: plain('MatMul'),
  conv: writeConv,
  convTranspose: writeConvTranspose,
  convKernel: writeConvKernel,
};

/**
 * The model that computes these values from what the graph's inputs are fed; inputs and outputs by their names. With
 * `batch` the first
 * axis of all of them, which no op may move or add up, takes any size and has that name.
 */
export function emit(outputs: Readonly<Record<string, Node>>, { batch }: { batch?: string } = {}): OnnxModel {
  const order = inOrder(Object.values(outputs)) as AnyNode[];
  // Inputs come first: they are called what they are called, while a constant of that name may get another.
  const isInput = ({ kind }: Node) => kind === 'input';
  const graph = new GraphBuilder('step', [...Object.keys(outputs), ...order.flatMap(namesOf)]);
  const values = new Map<Node, Value>();
  for (const node of [...order.filter(isInput), ...order.filter((each) => !isInput(each))]) {
    const inputs = node.inputs.map((given) => values.get(given) as Value);
    values.set(node, ruleOf(node)(node, inputs, graph));
  }
  for (const [name, node] of Object.entries(outputs))
    graph.output(name, values.get(node) as Value, node.dims);
  const model = graph.model();
  nameOutputs(model.graph);
  if (batch !== undefined) freeBatch(model.graph, batch);
  return model;
}

/** What a value is called already: inputs, and weights that were read from a file. */
const namesOf = ({ attributes }: AnyNode): string[] =>
  'name' in attributes && attributes.name !== undefined ? [attributes.name] : [];

/**
 * Has ops write outputs under their names themselves. The Identity that does so otherwise is taken out by onnxruntime, whose
 * optimizer then loses values that go on into the graph as well.
 */
function nameOutputs(graph: Graph): void {
  const made = new Set(graph.node.flatMap(({ output }) => output));
  const outputs = new Set(graph.output.map(({ name }) => name));
  const names = new Map<Value, Value>();
  graph.node = graph.node.filter(({ opType, input: [value], output: [name] }) => {
    const isIdle = opType === 'Identity' && outputs.has(name) && made.has(value) && !names.has(value);
    if (isIdle) names.set(value, name);
    return !isIdle;
  });
  const renamed = (values: readonly Value[]) => values.map((value) => names.get(value) ?? value);
  for (const node of graph.node)
    Object.assign(node, { input: renamed(node.input), output: renamed(node.output) });
}

function freeBatch({ input, output }: Graph, dimParam: string): void {
  for (const { type } of [...input, ...output]) type?.tensorType?.shape?.dim.splice(0, 1, { dimParam });
}

/** The table pairs each kind with a rule for that kind, which the type of a lookup cannot tell. */
const ruleOf = ({ kind }: AnyNode) =>
  onnxRules[kind] as (node: Node, inputs: readonly Value[], graph: GraphBuilder) => Value;

const whole = (indices: Value, graph: GraphBuilder): Value => graph.op('Cast', [indices], { to: INT64 });

const flat = (value: Value, graph: GraphBuilder): Value => graph.op('Reshape', [value, graph.ints([-1])]);

const windowsOf = ({ size: kernel_shape, strides, pads }: Windows): Record<string, AttributeValue> => ({
  kernel_shape,
  strides,
  pads,
});
