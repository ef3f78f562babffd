// Counts the multiplications that a network does for a picture: by running it and asking for the shapes on the way.

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
import { openSession, type Session } from './session.js';

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
 * Sides at which a network of free sides is run instead of at a large one. Neither is a multiple of the other, so that what is
 * rounded on the way does not grow evenly from one to the other.
 */
const SMALL_SIDES_PX = [64, 160] as const;

/**
 * Runs the network on black pictures and counts for one of `sidePx`, or of the size that it insists on. Exact: every shape is
 * asked of onnxruntime. Where every operator does at two small sizes either the same or as much more as the picture is larger,
 * so it does at `sidePx`; all other networks are run at that size. Undefined for a network that does not take one picture.
 * Throws what `openSession` and its runs throw.
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
  const countsAt = (sizes: readonly number[]) => countRun(session, nodes, sizes);
  try {
    const small = SMALL_SIDES_PX.map((px) => dimsAt(model, px) ?? []);
    const counts = isGrownFrom(small[0], dims) ? await grownCounts(small, dims, countsAt) : undefined;
    const sum = (counts ?? (await countsAt(dims))).reduce((total, count) => total + count, 0);
    return { count: sum, dims, isPartial };
  } finally {
    await session.close();
  }
}

/** Whether a picture has several times the width and height of a small one: only then is it cheaper to run the small ones. */
function isGrownFrom(small: readonly number[], dims: readonly number[]): boolean {
  const factors = dims.map((dim, axis) => dim / small[axis]).filter((factor) => factor !== 1);
  return factors.length === 2 && factors.every((factor) => Number.isInteger(factor) && factor > 2);
}

/** What each node does at `dims`, from what it does for two small pictures; undefined where that does not follow. */
async function grownCounts(
  [small, middle]: readonly (readonly number[])[],
  dims: readonly number[],
  countsAt: (dims: readonly number[]) => Promise<number[]>,
): Promise<number[] | undefined> {
  try {
    const [few, more] = [await countsAt(small), await countsAt(middle)];
    const isEven = few.every(
      (count, at) => count === more[at] || count * sizeOf(middle) === more[at] * sizeOf(small),
    );
    const factor = sizeOf(dims) / sizeOf(small);
    return isEven ? few.map((count, at) => (count === more[at] ? count : count * factor)) : undefined;
  } catch {
    // Some networks take no picture as small.
    return undefined;
  }
}

async function countRun(session: Session, nodes: readonly Node[], dims: readonly number[]) {
  const shapes = await session.run({ [session.inputs[0].name]: tensor([...dims]) });
  return nodes.map((node) => countOf(node, shapes));
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
