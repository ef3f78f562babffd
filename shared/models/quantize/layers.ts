// Which operators of a network can work on bytes: convolutions, and what lies between them.

import { DATA_TYPE, type Graph, type Node, textOf } from '../onnx/file.js';
import { floatsOf } from '../onnx/tensor-proto.js';

/** Operators that compute with bytes where onnxruntime has kernels for it, with how many of their inputs are maps. */
const COMPUTING: Readonly<Record<string, number>> = {
  LeakyRelu: 1,
  Relu: 1,
  Clip: 1,
  Sigmoid: 1,
  Add: 2,
  Mul: 2,
  Concat: Number.POSITIVE_INFINITY,
};

/** Operators that hand on the numbers of their first input and make no new ones: they move bytes as they would move numbers. */
const MOVING: Readonly<Record<string, (node: Node, graph: Graph) => boolean>> = {
  Pad: movesOnly,
  Resize: (node) => textOf(node, 'mode') === 'nearest',
  MaxPool: (node) => node.output.length === 1,
  Transpose: () => true,
  DepthToSpace: () => true,
  SpaceToDepth: () => true,
  Identity: () => true,
};

/** Zeros are a number that bytes have; others may not be. */
function movesOnly(node: Node, { initializer }: Graph): boolean {
  if ((textOf(node, 'mode') ?? 'constant') !== 'constant' || !node.input[2]) return true;
  const value = initializer.find(({ name }) => name === node.input[2]);
  return value !== undefined && floatsOf(value).every((number) => number === 0);
}

/** What the quantizer has to know of a graph. */
export interface Layers {
  /** Convolutions with constant float32 weights, in the order of the graph. */
  readonly convolutions: readonly Node[];
  /** All operators that work on bytes when these convolutions do. */
  nodesWith(convolutions: readonly Node[]): ReadonlySet<Node>;
  isMoving(node: Node): boolean;
  /** Names of the inputs of a node that are maps. */
  mapsOf(node: Node): string[];
  /** The value whose numbers a value has, possibly at other places: the one that its step is made for. */
  rootOf(value: string): string;
  /** Whether a convolution's only reader bounds it: both are then one, and no bytes lie between them. */
  isAbsorbed(node: Node, working: ReadonlySet<Node>): boolean;
}

/** Bounds that the range of bytes can have itself. */
const BOUNDING: ReadonlySet<string> = new Set(['Relu', 'Clip']);

export function layersOf(graph: Graph): Layers {
  const producers = new Map(graph.node.flatMap((node) => node.output.map((value) => [value, node] as const)));
  const readers = readersOf(graph);
  const isMoving = (node: Node): boolean => isOwn(node) && (MOVING[node.opType]?.(node, graph) ?? false);
  const mapsOf = (node: Node): string[] => node.input.slice(0, isMoving(node) ? 1 : mapsTaken(node));
  const isMade = (working: ReadonlySet<Node>, value: string): boolean => {
    const maker = producers.get(value);
    return maker !== undefined && working.has(maker);
  };
  // What another operator reads as bytes already costs nothing more.
  const isThere = (working: ReadonlySet<Node>, value: string): boolean =>
    isMade(working, value) ||
    (readers.get(value) ?? []).some(
      (reader) => reader && working.has(reader) && mapsOf(reader).includes(value),
    );
  const follows = (node: Node, working: ReadonlySet<Node>): boolean =>
    (isMoving(node) || (isOwn(node) && Object.hasOwn(COMPUTING, node.opType))) &&
    mapsOf(node).some((value) => isMade(working, value)) &&
    mapsOf(node).every((value) => isThere(working, value));
  const leads = (node: Node, working: ReadonlySet<Node>): boolean => {
    const after = readers.get(node.output[0]) ?? [];
    return isMoving(node) && after.length > 0 && after.every((reader) => reader && working.has(reader));
  };
  const rootOf = (value: string): string => {
    const maker = producers.get(value);
    return maker && isMoving(maker) ? rootOf(maker.input[0]) : value;
  };
  return {
    convolutions: graph.node.filter((node) => isConvolution(node, graph)),
    nodesWith: (convolutions) =>
      grown(graph, convolutions, (node, set) => follows(node, set) || leads(node, set)),
    isMoving,
    mapsOf,
    rootOf,
    isAbsorbed(node, working) {
      const [reader, ...others] = readers.get(node.output[0]) ?? [];
      const isBound = reader !== undefined && BOUNDING.has(reader.opType) && working.has(reader);
      return node.opType === 'Conv' && others.length === 0 && isBound;
    },
  };
}

/** The nodes, and all that may join them, until none may. */
function grown(
  { node: nodes }: Graph,
  start: readonly Node[],
  mayJoin: (node: Node, working: ReadonlySet<Node>) => boolean,
): ReadonlySet<Node> {
  const working = new Set(start);
  for (let before = -1; working.size !== before; ) {
    before = working.size;
    for (const node of nodes) if (!working.has(node) && mayJoin(node, working)) working.add(node);
  }
  return working;
}

/** Who reads a value; undefined stands for an output of the graph. */
function readersOf({ node: nodes, output }: Graph): Map<string, (Node | undefined)[]> {
  const readers = new Map<string, (Node | undefined)[]>();
  const note = (value: string, reader: Node | undefined) =>
    readers.set(value, [...(readers.get(value) ?? []), reader]);
  for (const node of nodes) for (const value of node.input) note(value, node);
  for (const { name } of output) note(name, undefined);
  return readers;
}

const isOwn = ({ domain = '' }: Node): boolean => domain === '';

const mapsTaken = ({ opType }: Node): number => (opType === 'Conv' ? 1 : (COMPUTING[opType] ?? 0));

function isConvolution(node: Node, { initializer }: Graph): boolean {
  const [, kernel, bias] = node.input.map((value) => initializer.find(({ name }) => name === value));
  const isConstant = kernel?.dataType === DATA_TYPE.float32 && (!node.input[2] || bias !== undefined);
  return isOwn(node) && node.opType === 'Conv' && isConstant && kernel.dims.length === 4;
}
