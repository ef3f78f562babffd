// ONNX graphs as graphs of the workshop: what another program exported can be learned through like what is written here. Sizes are
// those of the inputs that are given; all that follows from sizes alone is computed while reading.

import { NigaoeError } from '../../errors.js';
import {
  attributeOf,
  type Graph,
  type OnnxModel,
  type Node as OnnxNode,
  type TensorProto,
} from '../../models/onnx/file.js';
import { floatsOf } from '../../models/onnx/tensor-proto.js';
import { sizeOf } from '../../tensor.js';
import type { Node } from '../ops.js';
import { ELEMENTWISE } from './elementwise.js';
import { LAYOUT } from './layout.js';
import { isFloat, known, knownOf } from './numbers.js';
import { PRODUCTS } from './products.js';
import { STATISTICS } from './statistics.js';
import { Call, type Linear, list, nodeOf, type Rule, type Rules, type Value } from './values.js';
import { WINDOWS } from './windows.js';

const RULES: Rules = {
  ...LAYOUT,
  ...ELEMENTWISE,
  ...PRODUCTS,
  ...STATISTICS,
  ...WINDOWS,
  Constant: (call) => constantOf(call),
};

export interface ReadOptions {
  /** What the graph's inputs are, by name: values of the workshop, in shapes that decide on all others. */
  inputs: Readonly<Record<string, Node>>;
  /** What an initializer of float numbers becomes; undefined: it stays as it is. */
  weight?: (name: string, dims: readonly number[], data: () => Float32Array) => Node | undefined;
  /** What a linear map becomes. */
  linear?: Linear;
  /** For messages. */
  name?: string;
}

/** Names of the operators of a model that cannot be read, with how often they are there. */
export function unreadable({ graph }: OnnxModel): Map<string, number> {
  const found = new Map<string, number>();
  for (const { opType, domain = '' } of graph.node) {
    const isKnownOp =
      Object.hasOwn(RULES, opType) && (domain === '' || domain === 'ai.onnx' || FUSED.has(opType));
    const name = domain === '' ? opType : `${domain}.${opType}`;
    if (!isKnownOp) found.set(name, (found.get(name) ?? 0) + 1);
  }
  return found;
}
/** Of onnxruntime's own domain. */
const FUSED = new Set(['Gelu', 'QuickGelu']);

/**
 * Reads the graph; returns its outputs by name. Throws `model-unsupported` with all operators that it has no words for, or with the
 * first that comes in a form that it cannot follow.
 */
export function readGraph(model: OnnxModel, options: ReadOptions): Record<string, Node> {
  const { graph, opsetImport } = model;
  const { inputs, name = 'the model', linear = (_, __, y) => y } = options;
  checkReadable(model, name);
  const opset = opsetImport.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx')?.version ?? 1;
  const values = new Map<string, Value>(Object.entries(inputs));
  const weights = weightsOf(graph, options);
  const find = (value: string): Value | undefined => values.get(value) ?? weights(value);
  const origin = originsOf(graph);
  for (const op of inOrder(graph)) {
    const given = op.input.map((value) =>
      value === '' ? undefined : needed(value, find(value), { op, name }),
    );
    const call = new Call(op, {
      values: given,
      opset,
      linear: (at, x, y) => linear(origin(op.input[at]), x, y),
    });
    const made = [ruleOf(op)(call)].flat() as Value[];
    for (const [at, value] of op.output.entries())
      if (value !== '' && made[at] !== undefined) values.set(value, made[at]);
  }
  return Object.fromEntries(
    graph.output.map((output) => [
      output.name,
      nodeOf(needed(output.name, values.get(output.name), { name })),
    ]),
  );
}

const ruleOf = ({ opType }: OnnxNode): Rule => RULES[opType];

function checkReadable(model: OnnxModel, name: string): void {
  const strangers = [...unreadable(model)].map(([op, count]) =>
    count === 1 ? op : `${op} (${count} times)`,
  );
  if (strangers.length === 0) return;
  throw new NigaoeError(
    'model-unsupported',
    `Expected operators that can be learned through in ${name} but it has ${strangers.join(', ')}`,
    { hint: 'Export the network in float32 without fused operators, or take another.' },
  );
}

function needed(
  value: string,
  found: Value | undefined,
  { op, name }: { op?: OnnxNode; name: string },
): Value {
  if (found !== undefined) return found;
  const user = op === undefined ? 'as an output' : `for ${op.opType} ${op.name ?? ''}`;
  throw new NigaoeError(
    'model-unsupported',
    `Expected the value ${value} ${user} of ${name} but nothing makes it`,
    {
      hint: 'Operators inside of loops and branches, and statistics that only training makes, are not read.',
    },
  );
}

/** Weights become nodes when they are first asked for; whole numbers, and few ones that nobody wants, are known. */
function weightsOf(graph: Graph, { weight }: ReadOptions): (name: string) => Value | undefined {
  const protos = new Map(graph.initializer.map((proto) => [proto.name ?? '', proto]));
  const made = new Map<string, Value>();
  const make = (name: string, proto: TensorProto): Value => {
    const isMany = isFloat(proto) && sizeOf(proto.dims) > FEW;
    const wanted = isFloat(proto) ? weight?.(name, proto.dims, () => floatsOf(proto)) : undefined;
    return wanted ?? (isMany ? nodeOf(knownOf(proto)) : knownOf(proto));
  };
  return (name) => {
    const proto = protos.get(name);
    if (proto !== undefined && !made.has(name)) made.set(name, make(name, proto));
    return made.get(name);
  };
}
/** More than scales, shapes and borders have: such numbers are not computed with while reading. */
const FEW = 1024;

/** All ops after those that make what they take: not every exporter writes them so. */
function inOrder({ node }: Graph): OnnxNode[] {
  const makers = new Map(node.flatMap((op) => op.output.map((value) => [value, op] as const)));
  const order = new Set<OnnxNode>();
  const open = [...node].reverse();
  while (open.length > 0) {
    const next = open[open.length - 1];
    const missing = order.has(next)
      ? []
      : next.input
          .flatMap((value) => makers.get(value) ?? [])
          .filter((maker) => !order.has(maker) && maker !== next);
    if (missing.length > 0 && open.length <= 2 * node.length) open.push(...missing);
    else order.add(open.pop() as OnnxNode);
  }
  return [...order];
}

function constantOf(call: Call): Value {
  const { op } = call;
  const proto = attributeOf(op, 'value')?.t;
  if (proto !== undefined) return knownOf(proto);
  const [whole, one] = [attributeOf(op, 'value_ints')?.ints, attributeOf(op, 'value_int')?.i];
  if (whole !== undefined) return list(whole);
  if (one !== undefined) return known([], [one]);
  const floats = attributeOf(op, 'value_floats')?.floats;
  return floats ? known([floats.length], floats, false) : known([], [call.float('value_float', 0)], false);
}

/** The initializer that a value is, by way of copies, casts and turns. */
export function originsOf({ node }: Graph): (value: string) => string {
  const from = new Map(
    node.filter(({ opType }) => PASSING.has(opType)).map(({ input, output }) => [output[0], input[0]]),
  );
  const origin = (value: string): string => (from.has(value) ? origin(from.get(value) as string) : value);
  return origin;
}
const PASSING = new Set(['Identity', 'Transpose', 'Cast']);
