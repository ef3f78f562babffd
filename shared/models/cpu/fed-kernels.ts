// Convolutions whose kernels are fed, as training has them, in onnxruntime's blocked layout.
//
// Its own optimizer blocks constant kernels only. Blocked, a convolution needs no copy of what lies under the kernel, and
// small maps keep both threads busy: twice as fast for batches of 14 px, reordering of maps and kernel included.

import type { Value } from '../onnx/builder.js';
import { attributeOf, type Graph, type Node, type OnnxModel } from '../onnx/file.js';
import { intsOf } from '../onnx/tensor-proto.js';
import { type Rule, rewriteGraph, type Surroundings } from './rewrite.js';

const DOMAIN = 'com.microsoft.nchwc';
/** Numbers of a kernel that stay in a core's cache: blocked convolutions read all of them anew for every few rows. */
const MOST_NUMBERS = 2 ** 17;

/** Rewrites the model in place, for blocks of that many channels. */
export function blockFedKernels({ graph, opsetImport }: OnnxModel, block: number): void {
  if (rewriteGraph(graph, 0, blockedConvolutions(graph, block)) > 0)
    opsetImport.push({ domain: DOMAIN, version: 1 });
}

/** Whether the model has convolutions that are no onnxruntime optimizer's business. */
export function hasFedKernels({ graph }: OnnxModel): boolean {
  const weights = new Set(graph.initializer.map(({ name }) => name));
  return graph.node.some((node) => isPlain(node) && !weights.has(node.input[1]));
}

/** Without bias, groups or a domain of its own. */
const isPlain = (node: Node): boolean =>
  node.opType === 'Conv' &&
  (node.domain ?? '') === '' &&
  node.input.length === 2 &&
  (attributeOf(node, 'group')?.i ?? 1) === 1 &&
  attributeOf(node, 'auto_pad') === undefined;

function blockedConvolutions(graph: Graph, block: number): Rule {
  // A map that goes into several convolutions is reordered once.
  const reordered = new Map<Value, Value>();
  return (node, surroundings) => {
    const [x, kernel] = node.input;
    const dims = isPlain(node) ? dimsOf(kernel, graph, surroundings) : [];
    if (!isSuited(dims, block)) return undefined;
    const { builder } = surroundings;
    const map = reordered.get(x) ?? builder.op(`${DOMAIN}:ReorderInput`, [x]);
    reordered.set(x, map);
    const walk = ['strides', 'pads', 'dilations'].map(
      (name) => [name, attributeOf(node, name)?.ints] as const,
    );
    const attributes = Object.fromEntries(walk.flatMap(([name, ints]) => (ints ? [[name, ints]] : [])));
    const y = builder.op(
      `${DOMAIN}:Conv`,
      [map, blockedKernel(kernel, dims, block, surroundings)],
      attributes,
    );
    return builder.op(`${DOMAIN}:ReorderOutput`, [y], { channels: dims[0] });
  };
}

const isSuited = ([outputs, inputs, ...size]: readonly number[], block: number): boolean =>
  size.length === 2 &&
  outputs % block === 0 &&
  inputs % block === 0 &&
  outputs * inputs * size[0] * size[1] <= MOST_NUMBERS;

/** The shape of an input, or of what was just reshaped; empty where the graph does not tell. */
function dimsOf(value: Value, { input }: Graph, { producerOf, weightOf }: Surroundings): readonly number[] {
  const fed = input.find(({ name }) => name === value)?.type?.tensorType?.shape?.dim ?? [];
  const maker = producerOf(value);
  const shape = maker?.opType === 'Reshape' ? weightOf(maker.input[1]) : undefined;
  const dims = shape ? intsOf(shape) : fed.map(({ dimValue }) => dimValue ?? 0);
  return dims.every((size) => size > 0) ? dims : [];
}

/** [K, C, h, w] as [K / block, C / block, h, w, block of C, block of K], in two moves of whole blocks. */
function blockedKernel(
  kernel: Value,
  [outputs, inputs, height, width]: readonly number[],
  block: number,
  { builder }: Surroundings,
): Value {
  const places = height * width;
  const reshape = (value: Value, dims: number[]): Value => builder.op('Reshape', [value, builder.ints(dims)]);
  const swap = (value: Value, perm: number[]): Value => builder.op('Transpose', [value], { perm });
  const rows = swap(reshape(kernel, [outputs / block, block, inputs * places]), [0, 2, 1]);
  const blocks = reshape(rows, [(outputs / block) * (inputs / block), block, places, block]);
  return reshape(swap(blocks, [0, 2, 1, 3]), [outputs, inputs, height, width]);
}
