// What a value of an ONNX graph is while it is read: numbers that are known already (shapes, axes, constants that nobody
// learns), or a value of the workshop's graph.

import { NigaoeError } from '../../errors.js';
import { attributeOf, type Node as OnnxNode, type TensorProto } from '../../models/onnx/file.js';
import { sizeOf } from '../../tensor.js';
import * as a from '../arithmetic.js';
import type { Dims, Node } from '../ops.js';
import { show } from '../shapes.js';
import { type Known, known, knownOf } from './numbers.js';

export type Value = Known | Node;

export const list = (numbers: readonly number[]): Known => known([numbers.length], numbers);
export const isKnown = (value: Value | undefined): value is Known =>
  value !== undefined && 'numbers' in value;

/** As a value of the graph: known numbers become a constant, one for all who use them. */
export function nodeOf(value: Value): Node {
  if (!isKnown(value)) return value;
  const { dims, numbers, name } = value;
  const data = numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
  const made = CONSTANTS.get(numbers) ?? a.constant(dims, data, name === '' ? undefined : name);
  CONSTANTS.set(numbers, made);
  return show(made.dims) === show(dims) ? made : a.constant(dims, data);
}
const CONSTANTS = new WeakMap<Known['numbers'], Node>();

/** An op for messages: its kind, and its name if it has one. */
export const calledOp = ({ opType, name = '' }: OnnxNode): string =>
  name === '' ? opType : `${opType} ${name}`;

/** Makes what an op of the ONNX graph stands for. */
export type Rule = (call: Call) => Value | readonly Value[];
export type Rules = Readonly<Record<string, Rule>>;

/** Adds to what a linear map with that weight makes of x: y, or what takes its place. */
export type Linear = (weight: string, x: Node, y: Node) => Node;

/** One op of the ONNX graph with what goes in. */
export class Call {
  readonly op: OnnxNode;
  readonly values: readonly (Value | undefined)[];
  readonly opset: number;
  /** What linear maps become; the weight is named by its initializer. */
  readonly linear: (at: number, x: Node, y: Node) => Node;
  /** Whether an input is of a type of whole numbers, or true or false. */
  readonly isWhole: (at: number) => boolean;

  /** Whether an input is one of the graph's own, by whatever type. */
  readonly isFed: (at: number) => boolean;

  constructor(op: OnnxNode, told: Pick<Call, 'values' | 'opset' | 'linear' | 'isWhole' | 'isFed'>) {
    this.op = op;
    this.values = told.values;
    this.opset = told.opset;
    this.linear = told.linear;
    this.isWhole = told.isWhole;
    this.isFed = told.isFed;
  }

  has(at: number): boolean {
    return this.values[at] !== undefined;
  }
  /** The value, known or not. */
  value(at: number): Value {
    const value = this.values[at];
    if (value === undefined) throw this.unread('without all of its inputs');
    return value;
  }
  node(at: number): Node {
    return nodeOf(this.value(at));
  }
  /** Known numbers; throws where they depend on what the graph is fed. */
  known(at: number): Known {
    const value = this.value(at);
    if (isKnown(value)) return value;
    if (value.kind === 'constant') {
      const { dims, data } = (value as Node<'constant'>).attributes;
      return known(dims, data, false);
    }
    throw this.unread('with sizes or bounds that depend on the picture');
  }
  numbers(at: number): number[] {
    return [...this.known(at).numbers];
  }
  int(name: string, preset: number): number {
    const found = attributeOf(this.op, name);
    // A zero is not written.
    return found === undefined ? preset : (found.i ?? 0);
  }
  float(name: string, preset: number): number {
    const found = attributeOf(this.op, name);
    return found === undefined ? preset : (found.f ?? 0);
  }
  ints(name: string): number[] | undefined {
    const found = attributeOf(this.op, name);
    return found && [...(found.ints ?? [])];
  }
  floats(name: string): number[] {
    return [...(attributeOf(this.op, name)?.floats ?? [])];
  }
  text(name: string, preset: string): string {
    const bytes = attributeOf(this.op, name)?.s;
    return bytes === undefined ? preset : Buffer.from(bytes).toString();
  }
  /** What ConstantOfShape fills with. */
  filler(): Known {
    const proto = attributeOf(this.op, 'value')?.t;
    return proto === undefined ? known([1], [0], false) : this.tensor(proto);
  }
  /** Numbers of an attribute, whose names say nothing: many are the same. */
  tensor(proto: TensorProto): Known {
    const found = knownOf(proto);
    if (found === undefined) throw this.unread(`with numbers of type ${proto.dataType}`);
    return { ...found, name: undefined };
  }
  /** Integers by an attribute, as old opsets have them, or by an input. */
  intsAt(name: string, at: number): number[] | undefined {
    return this.ints(name) ?? (this.has(at) ? this.numbers(at) : undefined);
  }
  /** An axis counted from the front. */
  axis(given: number, rank: number): number {
    return given < 0 ? given + rank : given;
  }

  /** For an op that is known, in a form that is not. */
  unread(form: string): NigaoeError {
    return new NigaoeError(
      'model-unsupported',
      `Expected operators that can be learned through but ${calledOp(this.op)} comes ${form}`,
      { hint: 'Export the network for fixed sizes, or train one of the recipes instead.' },
    );
  }
}

/** Sizes with a -1 for what is left, and 0 for what the input has. */
export function reshaped(wanted: readonly number[], from: Dims): number[] {
  const dims = wanted.map((size, axis) => (size === 0 ? from[axis] : size));
  const rest = sizeOf(from) / sizeOf(dims.filter((size) => size !== -1));
  return dims.map((size) => (size === -1 ? rest : size));
}
