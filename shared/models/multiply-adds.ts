// Counts the multiplications that a network does for a picture: by running it once and asking for the shapes on the way.

import { sizeOf, type Tensor, tensor } from '../tensor.js';
import { freeDimsOf, inputsOf } from './imports/ports.js';
import {
  ATTRIBUTE_TYPE,
  attributeOf,
  DATA_TYPE,
  type Graph,
  graphsOf,
  type Node,
  type OnnxModel,
} from './onnx/file.js';
import { openSession } from './session.js';

export interface MultiplyAdds {
  /** Multiplications, each with its addition, of all convolutions and matrix products. */
  count: number;
  /** Dims of the input that it was counted for. */
  dims: readonly number[];
  /** Whether graphs inside of operators (If, Loop) do some more, which are not counted. */
  isPartial: boolean;
}

type Shape = readonly number[];

/** How many of its multiplications an operator does: by the shapes of its first two inputs and of its output. */
const COUNTED: Readonly<Record<string, (a: Shape, b: Shape, out: Shape, node: Node) => number>> = {
  // A kernel [out, in / groups, height, width] works at every place of the output.
  Conv: (_, kernel, out) => sizeOf(out) * sizeOf(kernel.slice(1)),
  // A kernel [in, out / groups, height, width] works at every place of the input.
  ConvTranspose: (input, kernel) => sizeOf(input) * sizeOf(kernel.slice(1)),
  MatMul: (a, _, out) => sizeOf(out) * (a.at(-1) ?? 1),
  Gemm: (a, _, out, node) => sizeOf(out) * (attributeOf(node, 'transA')?.i ? a[0] : a[1]),
};

/**
 * Runs the network once on a black picture of `sidePx`, or of the size that it insists on, and counts; exact, as every shape is
 * asked of onnxruntime. Undefined for a network that does not take one picture. Throws what `openSession` and its runs throw.
 */
export async function countMultiplyAdds(
  model: OnnxModel,
  { name, sidePx }: { name: string; sidePx: number },
): Promise<MultiplyAdds | undefined> {
  const dims = dimsAt(model, sidePx);
  if (dims === undefined) return undefined;
  const isPartial = [...graphsOf(model.graph)].slice(1).some(({ node }) => node.some(isCounted));
  const nodes = model.graph.node.filter(isCounted);
  if (nodes.length === 0) return { count: 0, dims, isPartial };
  const session = await openSession(asking(model, nodes), { name, device: 'cpu' });
  try {
    const shapes = await session.run({ [session.inputs[0].name]: tensor(dims) });
    return { count: nodes.reduce((sum, node) => sum + countOf(node, shapes), 0), dims, isPartial };
  } finally {
    await session.close();
  }
}

/** Dims of the only input: those that are free become one picture of three channels and `sidePx`. */
function dimsAt({ graph }: OnnxModel, sidePx: number): number[] | undefined {
  const [input, ...others] = inputsOf(graph);
  const dims = input && freeDimsOf(input);
  if (dims?.length !== 4 || others.length > 0) return undefined;
  const channels = dims[3] === 3 ? 3 : 1;
  return dims.map((dim, axis) => dim ?? (axis === 0 ? 1 : axis === channels ? 3 : sidePx));
}

const isCounted = ({ opType }: Node): boolean => Object.hasOwn(COUNTED, opType);

function countOf(node: Node, shapes: Record<string, Tensor>): number {
  const [a, b, out] = valuesOf(node).map((value) => [...shapes[shapeName(value)].data]);
  return COUNTED[node.opType](a, b, out, node);
}

/** First two inputs and output. */
const valuesOf = ({ input, output }: Node): string[] => [input[0], input[1], output[0]];

const shapeName = (value: string): string => `nigaoe.shape/${value}`;

/** A copy of the model whose outputs are the shapes of these nodes' values, as float32: exact below 2 ** 24. */
function asking(model: OnnxModel, nodes: readonly Node[]): OnnxModel {
  const values = [...new Set(nodes.flatMap(valuesOf))];
  const graph = copied(model.graph);
  graph.node.push(...values.flatMap(shapeNodes));
  graph.output = values.map((value) => ({
    name: shapeName(value),
    type: { tensorType: { elemType: DATA_TYPE.float32, shape: { dim: [{}] } } },
  }));
  return { ...model, graph };
}

function shapeNodes(value: string): Node[] {
  const whole = `${shapeName(value)}/int64`;
  const to = { name: 'to', type: ATTRIBUTE_TYPE.int, i: DATA_TYPE.float32 };
  return [
    { opType: 'Shape', input: [value], output: [whole], attribute: [] },
    { opType: 'Cast', input: [whole], output: [shapeName(value)], attribute: [to] },
  ];
}

/** Widening float16 changes a graph in place; the weights themselves are replaced, never written to, and stay shared. */
function copied({ initializer, ...graph }: Graph): Graph {
  return { ...structuredClone(graph), initializer: [...initializer] };
}
