// What a network computes from its weights alone, computed: exporters leave pads, axes and shapes as chains of operators.

import type { Tensor } from '../../tensor.js';
import { prune } from '../cpu/rewrite.js';
import type { Node, OnnxModel, TensorProto } from '../onnx/file.js';
import { floatTensor, intTensor } from '../onnx/tensor-proto.js';
import { openSession } from '../session.js';

/** Makes weights of the values that are computed from weights alone, in place. The nodes must lie in the order of the data. */
export async function settle(model: OnnxModel): Promise<void> {
  const { graph } = model;
  const still = stillNodes(model);
  if (still.size === 0) return;
  const made = new Set([...still].flatMap(({ output }) => output));
  const read = graph.node.filter((node) => !still.has(node)).flatMap(({ input }) => input);
  const wanted = [...new Set(read)].filter((value) => value !== '' && made.has(value));
  const weights = await computed(model, [...still], wanted);
  const names = new Set(weights.map(({ name }) => name));
  for (const node of still) node.output = node.output.map((value) => (names.has(value) ? '' : value));
  graph.node = graph.node.filter(({ output }) => output.some((value) => value !== ''));
  graph.initializer.push(...weights);
  prune(graph);
}

/** Nodes that read weights, and what such nodes make; none that draw lots. */
function stillNodes({ graph }: OnnxModel): Set<Node> {
  const known = new Set(['', ...graph.initializer.map(({ name }) => name ?? '')]);
  const still = new Set<Node>();
  for (const node of graph.node) {
    const isOwn = node.attribute.every(({ g, graphs = [] }) => g === undefined && graphs.length === 0);
    if (!isOwn || node.opType.startsWith('Random') || !node.input.every((value) => known.has(value)))
      continue;
    still.add(node);
    for (const value of node.output) known.add(value);
  }
  return still;
}

/** Those of the values that are int64 or float32. */
async function computed(
  { graph, ...model }: OnnxModel,
  nodes: readonly Node[],
  wanted: readonly string[],
): Promise<TensorProto[]> {
  const output = wanted.map((name) => ({ name }));
  const alone = { ...graph, node: [...nodes], input: [], output, valueInfo: [] };
  const session = await openSession({ ...model, graph: alone }, { name: 'constants', device: 'cpu' });
  try {
    const values = await session.run({});
    return session.outputs.flatMap(({ name, type }) => tensorOf(name, type, values[name]));
  } catch {
    // Of a type that is not read: they stay as they are.
    return [];
  } finally {
    await session.close();
  }
}

function tensorOf(name: string, type: string, { dims, data }: Tensor): TensorProto[] {
  if (type === 'float32') return [floatTensor(dims, data, name)];
  return type === 'int64' ? [intTensor(dims, [...data], name)] : [];
}
