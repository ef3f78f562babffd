// Old networks in the words of a newer operator set: the same numbers, by operators that newer rules and kernels know.

import { GraphBuilder, type Value } from './builder.js';
import { ATTRIBUTE_TYPE, attributeOf, type Graph, graphsOf, type Node, type OnnxModel } from './file.js';

/** The set that is raised to: the first whose operators take their sizes as inputs, and that quantizes per channel. */
const RAISED_TO = 13;
/** The IR version that goes with it. */
const IR_VERSION = 7;
/** Below this some operators still broadcast by an attribute. */
const OLDEST = 7;

/** Changes a node in place; what has to come before it is built with `builder`, which writes into the same graph. */
type Change = (node: Node, builder: GraphBuilder) => void;
/** The set up to which the operator was spelled in the old way, and the change. */
type Row = readonly [before: number, change: Change];

/** Version of ONNX's own operators that a model is written in. */
export const opsetOf = ({ opsetImport }: OnnxModel): number =>
  opsetImport.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx')?.version ?? 0;

/**
 * Raises a model to operator set 13 in place; newer ones stay as they are. Returns the name of the operator that stands in the
 * way, and has then changed nothing; undefined where all is well.
 */
export function raiseOpset(model: OnnxModel): string | undefined {
  const from = opsetOf(model);
  if (from >= RAISED_TO) return undefined;
  const { graph } = model;
  const obstacle = obstacleIn(model, from);
  if (obstacle !== undefined) return obstacle;
  raiseGraph(graph, from);
  model.irVersion = Math.max(model.irVersion, IR_VERSION);
  model.opsetImport = model.opsetImport.map((stamp) =>
    (stamp.domain ?? '') === '' || stamp.domain === 'ai.onnx' ? { ...stamp, version: RAISED_TO } : stamp,
  );
  return undefined;
}

function obstacleIn({ graph, functions = [] }: OnnxModel, from: number): string | undefined {
  if (from < OLDEST) return `operator set ${from}`;
  if (functions.length > 0) return functions[0].name;
  if ([...graphsOf(graph)].length > 1) return 'a graph inside of a graph';
  const isKnown = ({ opType, domain = '' }: Node): boolean =>
    domain !== '' || UNCHANGED.has(opType) || Object.hasOwn(CHANGES, opType);
  return graph.node.find((node) => !isKnown(node))?.opType;
}

function raiseGraph(graph: Graph, from: number): void {
  const old = graph.node;
  const builder = new GraphBuilder(graph);
  graph.node = [];
  for (const node of old) {
    const [before, change] = (node.domain ?? '') === '' ? (CHANGES[node.opType] ?? NO_CHANGE) : NO_CHANGE;
    if (from < before) change(node, builder);
    graph.node.push(node);
  }
  // Old files list the weights among the inputs; of the newer IR version these could be fed, and so be no constants.
  const weights = new Set(graph.initializer.map(({ name }) => name));
  graph.input = graph.input.filter(({ name }) => !weights.has(name));
}

const NO_CHANGE: Row = [0, () => undefined];

/** Takes attributes away and returns them. */
function taken(node: Node, ...names: string[]) {
  const found = names.map((name) => attributeOf(node, name));
  node.attribute = node.attribute.filter(({ name }) => !names.includes(name));
  return found;
}

/** Attributes that hold lists of whole numbers become inputs, in this order; one that is absent is left out. */
const listsToInputs =
  (...names: string[]): Change =>
  (node, builder) => {
    for (const list of taken(node, ...names)) node.input.push(list?.ints ? builder.ints(list.ints) : '');
    while (node.input.at(-1) === '') node.input.pop();
  };

const padToInputs: Change = (node, builder) => {
  const [pads, value] = taken(node, 'pads', 'value');
  node.input.push(builder.ints(pads?.ints ?? []));
  if (value?.f) node.input.push(builder.scalar(value.f));
};

const clipToInputs: Change = (node, builder) => {
  for (const bound of taken(node, 'min', 'max'))
    node.input.push(bound === undefined ? '' : builder.scalar(bound.f ?? 0));
};

const forgetRatio: Change = (node) => {
  taken(node, 'ratio');
};

/** Old enlargements took pixel i of the result from i / scale, rounded down. */
const toResize: Change = (node, builder) => {
  const [scales] = taken(node, 'scales');
  const [x, given] = node.input;
  const factors = scales?.floats && builder.weight([scales.floats.length], Float32Array.from(scales.floats));
  const words = { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  node.opType = 'Resize';
  node.input = [x, '', factors ?? given];
  for (const [name, value] of Object.entries(words))
    node.attribute.push({ name, type: ATTRIBUTE_TYPE.string, s: Buffer.from(value) });
};

/** The old softmax was one over all axes from `axis` on. */
const overManyAxes: Change = (node, builder) => {
  const axis = attributeOf(node, 'axis')?.i ?? 1;
  if (axis === -1) return;
  const [x] = node.input;
  const flat: Value = builder.op('Flatten', [x], { axis });
  const answer = builder.op(node.opType, [flat], { axis: 1 });
  Object.assign(node, { opType: 'Reshape', input: [answer, builder.op('Shape', [x])], attribute: [] });
};

const CHANGES: Readonly<Record<string, Row | undefined>> = {
  Pad: [11, padToInputs],
  Clip: [11, clipToInputs],
  Slice: [10, listsToInputs('starts', 'ends', 'axes')],
  Squeeze: [13, listsToInputs('axes')],
  Unsqueeze: [13, listsToInputs('axes')],
  ReduceSum: [13, listsToInputs('axes')],
  Split: [13, listsToInputs('split')],
  Dropout: [12, forgetRatio],
  Upsample: [10, toResize],
  Resize: [11, toResize],
  Softmax: [13, overManyAxes],
  LogSoftmax: [13, overManyAxes],
};

/** Operators that mean the same in every set from 7 to 13, for all that networks that draw do with them. */
const UNCHANGED: ReadonlySet<string> = new Set(
  [
    'Conv ConvTranspose MatMul Gemm Add Sub Mul Div Pow Sqrt Exp Log Neg Abs Erf Max Min Mean Sum Reciprocal Floor Ceil',
    'Relu LeakyRelu PRelu Elu Selu Sigmoid HardSigmoid Softplus Tanh Identity Cast Constant ConstantOfShape Shape',
    'Concat Gather Reshape Transpose Flatten Expand Tile DepthToSpace SpaceToDepth Where Equal Greater Less Not And Or',
    'BatchNormalization InstanceNormalization LRN MaxPool AveragePool GlobalAveragePool GlobalMaxPool',
    'ReduceMean ReduceMax ReduceMin ReduceProd ReduceL2 ReduceSumSquare',
  ]
    .join(' ')
    .split(' '),
);
