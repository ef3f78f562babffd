// Scales and shifts per channel behind a convolution become part of its weights: there is then one rounding less.

import { prune } from '../cpu/rewrite.js';
import { GraphBuilder } from '../onnx/builder.js';
import { attributeOf, type Graph, type Node, type TensorProto } from '../onnx/file.js';
import { floatsOf } from '../onnx/tensor-proto.js';

/** y = x * scale + shift in every channel. */
interface Affine {
  scale: Float32Array;
  shift: Float32Array;
}

type Weights = ReadonlyMap<string, TensorProto>;

/** Folds batch norms, and products and sums with a number per channel, in place; says how many. */
export function foldAffines(graph: Graph): number {
  const builder = new GraphBuilder(graph);
  let folded = 0;
  // One after the other: behind a folded norm there may be a scale.
  for (const node of [...graph.node]) if (foldInto(graph, node, builder)) folded++;
  if (folded > 0) prune(graph);
  return folded;
}

function foldInto(graph: Graph, node: Node, builder: GraphBuilder): boolean {
  const weights = new Map(graph.initializer.map((weight) => [weight.name ?? '', weight] as const));
  const affine = affineOf(node, weights);
  const conv = affine && graph.node.find(({ output }) => output[0] === affine.x);
  const kernel = conv?.opType === 'Conv' ? weights.get(conv.input[1]) : undefined;
  if (!affine || !conv || !kernel || kernel.dims[0] !== affine.scale.length) return false;
  const bias = conv.input[2] ? weights.get(conv.input[2]) : undefined;
  if ((conv.input[2] && !bias) || readersOf(graph, affine.x) > 1) return false;
  const size = floatsOf(kernel).length / kernel.dims[0];
  const scaled = floatsOf(kernel).map((weight, at) => weight * affine.scale[Math.floor(at / size)]);
  const before = bias ? floatsOf(bias) : new Float32Array(kernel.dims[0]);
  const shifted = before.map((number, at) => number * affine.scale[at] + affine.shift[at]);
  conv.input = [
    conv.input[0],
    builder.weight(kernel.dims, scaled),
    builder.weight([kernel.dims[0]], shifted),
  ];
  conv.output = [node.output[0]];
  graph.node.splice(graph.node.indexOf(node), 1);
  return true;
}

/** Nodes and outputs that read a value. */
const readersOf = ({ node, output }: Graph, value: string): number =>
  node.flatMap(({ input }) => input).filter((name) => name === value).length +
  output.filter(({ name }) => name === value).length;

function affineOf(node: Node, weights: Weights): (Affine & { x: string }) | undefined {
  if (node.opType === 'BatchNormalization') return batchNorm(node, weights);
  if (node.opType !== 'Mul' && node.opType !== 'Add') return undefined;
  const [x, other] = weights.has(node.input[1]) ? node.input : node.input.toReversed();
  const weight = weights.get(other);
  if (weight === undefined || !isPerChannel(weight)) return undefined;
  const numbers = floatsOf(weight);
  const same = (value: number) => new Float32Array(numbers.length).fill(value);
  return node.opType === 'Mul'
    ? { x, scale: numbers, shift: same(0) }
    : { x, scale: same(1), shift: numbers };
}

/** [C,1,1] or [1,C,1,1]. */
function isPerChannel({ dims }: TensorProto): boolean {
  const [channels, height, width] = dims.slice(-3);
  const isWhole = dims.length === 3 || (dims.length === 4 && dims[0] === 1);
  return isWhole && channels > 1 && height === 1 && width === 1;
}

/** y = (x - mean) / sqrt(variance + epsilon) * gamma + beta. */
function batchNorm(node: Node, weights: Weights): (Affine & { x: string }) | undefined {
  const [x, ...names] = node.input;
  const protos = names.map((name) => weights.get(name));
  if (node.output.length > 1 || protos.length !== 4 || !protos.every((proto) => proto !== undefined))
    return undefined;
  const [gamma, beta, mean, variance] = protos.map(floatsOf);
  const epsilon = attributeOf(node, 'epsilon')?.f ?? 1e-5;
  const scale = gamma.map((factor, at) => factor / Math.sqrt(variance[at] + epsilon));
  return { x, scale, shift: beta.map((number, at) => number - mean[at] * scale[at]) };
}
