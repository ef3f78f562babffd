// ONNX graphs as graphs of the workshop: what another program exported can be learned through like what is written here.
// Sizes are those of the inputs that are given; all that follows from sizes alone is computed while reading.

import { NigaoeError } from '../../errors.js';
import {
  attributeOf,
  type Graph,
  type OnnxModel,
  type Node as OnnxNode,
  type TensorProto,
} from '../../models/onnx/file.js';
import { sizeOf } from '../../tensor.js';
import type { Node } from '../ops.js';
import { ELEMENTWISE } from './elementwise.js';
import { LAYOUT } from './layout.js';
import { FEW, floatsIn, isFloat, isWholeType, type Known, known, knownOf } from './numbers.js';
import { PRODUCTS } from './products.js';
import { STATISTICS } from './statistics.js';
import { Call, calledOp, isKnown, type Linear, list, nodeOf, type Rules, type Value } from './values.js';
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
    const isOwn = domain === '' || domain === 'ai.onnx';
    const name = isOwn ? opType : `${domain}.${opType}`;
    const isKnownOp = isOwn ? Object.hasOwn(RULES, opType) : FUSED.has(name);
    if (!isKnownOp) found.set(name, (found.get(name) ?? 0) + 1);
  }
  return found;
}
/** Of onnxruntime's own domain. */
const FUSED = new Set(['com.microsoft.Gelu', 'com.microsoft.QuickGelu']);

/**
 * Reads the graph; returns its outputs by name. Throws `model-unsupported` with all operators that it has no words for, or
 * with the first that comes in a form that it cannot follow.
 */
export function readGraph(model: OnnxModel, options: ReadOptions): Record<string, Node> {
  const { graph } = model;
  const { inputs, name = 'the model' } = options;
  checkReadable(model, name);
  const values = new Map<string, Value>(Object.entries(inputs));
  const weights = weightsOf(graph, options);
  const find = (value: string, op?: OnnxNode): Value =>
    values.get(value) ?? weights(value) ?? unmade(value, { graph, name, op });
  const callOf = callsOf(model, options);
  for (const op of inOrder(graph)) {
    const call = callOf(
      op,
      op.input.map((value) => (value === '' ? undefined : find(value, op))),
    );
    for (const [at, value] of madeBy(call, name).entries()) values.set(op.output[at], value);
  }
  return Object.fromEntries(graph.output.map((output) => [output.name, nodeOf(find(output.name))]));
}

/** Each op with what goes in, and what is known of that from the graph. */
function callsOf(
  { graph, opsetImport }: OnnxModel,
  { linear = (_, __, y) => y }: ReadOptions,
): (op: OnnxNode, values: readonly (Value | undefined)[]) => Call {
  const opset = opsetImport.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx')?.version ?? 1;
  const origin = originsOf(graph);
  const initializers = new Set(graph.initializer.map((weight) => weight.name ?? ''));
  const wholes = new Set(wholeValues(graph));
  const fed = new Set(graph.input.map((input) => input.name));
  return (op, values) => {
    const call = new Call(op, {
      values,
      opset,
      linear(at, x, y) {
        const weight = origin(op.input[at]);
        return initializers.has(weight) ? linear(weight, x, y) : y;
      },
      isWhole(at) {
        const value = values[at];
        return isKnown(value) ? value.isWhole : wholes.has(op.input[at]);
      },
      isFed: (at) => fed.has(op.input[at]),
    });
    if (makesWhole(call)) for (const value of op.output) wholes.add(value);
    return call;
  };
}

/** The values of one op; that its inputs do not fit is the fault of what the graph is fed. */
function madeBy(call: Call, name: string): readonly Value[] {
  try {
    return [RULES[call.op.opType](call)].flat() as Value[];
  } catch (cause) {
    const [, what] = /^internal: (cannot .*)/.exec(cause instanceof Error ? cause.message : '') ?? [];
    if (what === undefined) throw cause;
    throw new NigaoeError(
      'model-unsupported',
      `Expected sizes that fit for ${calledOp(call.op)} of ${name} but it ${what}`,
      { hint: 'Feed the network sizes that it was made for.', cause },
    );
  }
}

/** Throws `model-unsupported` with all operators that cannot be learned through; `name` is the model's. */
export function checkReadable(model: OnnxModel, name: string): void {
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

function unmade(value: string, { graph, name, op }: { graph: Graph; name: string; op?: OnnxNode }): never {
  const isInput = graph.input.some((input) => input.name === value);
  const user = op === undefined ? 'as an output' : `for ${calledOp(op)}`;
  throw new NigaoeError(
    'model-unsupported',
    isInput
      ? `Expected a value for the input ${value} of ${name} but none was given`
      : `Expected the value ${value} ${user} of ${name} but nothing makes it`,
    { hint: 'Statistics that only training makes, and operators inside of loops, are not read.' },
  );
}

/** Weights become nodes when they are first asked for; whole numbers, and few ones that nobody wants, are known. */
function weightsOf(graph: Graph, { weight }: ReadOptions): (name: string) => Value | undefined {
  const protos = new Map(graph.initializer.map((proto) => [proto.name ?? '', proto]));
  const made = new Map<string, Value>();
  const make = (name: string, proto: TensorProto): Value => {
    const wanted = isFloat(proto) ? weight?.(name, proto.dims, () => floatsIn(proto)) : undefined;
    if (wanted !== undefined) return wanted;
    const found = knownOf(proto);
    if (found === undefined) throw strangeNumbers(name, proto);
    return fewOf(proto, found);
  };
  return (name) => {
    const proto = protos.get(name);
    if (proto !== undefined && !made.has(name)) made.set(name, make(name, proto));
    return made.get(name);
  };
}
/** Few numbers, or such that places are counted by, are known. */
const fewOf = (proto: TensorProto, found: Known): Value =>
  isFloat(proto) && sizeOf(proto.dims) > FEW ? nodeOf(found) : found;
const strangeNumbers = (name: string, { dataType }: TensorProto): NigaoeError =>
  new NigaoeError(
    'model-unsupported',
    `Expected weights of float or whole numbers for ${name} but received data type ${dataType}`,
    { hint: 'Export the network in float32.' },
  );

/** All ops after those that make what they take: not every exporter writes them so. */
function inOrder({ node }: Graph): OnnxNode[] {
  const makers = new Map(node.flatMap((op) => op.output.map((value) => [value, op] as const)));
  const [order, entered] = [new Set<OnnxNode>(), new Set<OnnxNode>()];
  const open = [...node].reverse();
  while (open.length > 0) {
    const next = open[open.length - 1];
    // What is missing still when it is come back to needs itself.
    const needs = entered.has(next) ? [] : next.input.flatMap((value) => makers.get(value) ?? []);
    const missing = needs.filter((maker) => !entered.has(maker));
    entered.add(next);
    if (missing.length > 0) open.push(...missing);
    else order.add(open.pop() as OnnxNode);
  }
  return [...order];
}

function constantOf(call: Call): Value {
  const { op } = call;
  const proto = attributeOf(op, 'value')?.t;
  if (proto !== undefined) return fewOf(proto, call.tensor(proto));
  const [whole, one] = [attributeOf(op, 'value_ints')?.ints, attributeOf(op, 'value_int')];
  if (whole !== undefined) return list(whole);
  if (one !== undefined) return known([], [one.i ?? 0]);
  const [floats, float] = [attributeOf(op, 'value_floats')?.floats, attributeOf(op, 'value_float')];
  if (floats !== undefined) return known([floats.length], floats, false);
  if (float !== undefined) return known([], [float.f ?? 0], false);
  throw call.unread('without plain numbers');
}

/** Inputs and weights that are whole numbers, or true or false, by their type. */
const wholeValues = ({ input }: Graph): string[] =>
  input.flatMap(({ name, type }) => (isWholeType(type?.tensorType?.elemType ?? 0) ? [name] : []));

/** Whether what an op makes is whole by its type: as what goes in, where it is not what the op is for. */
function makesWhole(call: Call): boolean {
  const { opType } = call.op;
  if (opType === 'Cast') return isWholeType(call.int('to', 0));
  if (opType === 'ConstantOfShape') return call.filler().isWhole;
  return TRUTHS.has(opType) || call.isWhole(TYPED_AT[opType] ?? 0);
}
const TRUTHS = new Set(['Equal', 'Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual', 'And', 'Or', 'Not']);
/** Which input has the type of the output, where it is not the first. */
const TYPED_AT: Readonly<Record<string, number>> = { Where: 1, CastLike: 1 };

/** The initializer that a value is, by way of copies, casts and turns. */
export function originsOf({ node }: Graph): (value: string) => string {
  const from = new Map(
    node.filter(({ opType }) => PASSING.has(opType)).map(({ input, output }) => [output[0], input[0]]),
  );
  const origin = (value: string): string => (from.has(value) ? origin(from.get(value) as string) : value);
  return origin;
}
const PASSING = new Set(['Identity', 'Transpose', 'Cast']);
