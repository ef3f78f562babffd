// One op of ONNX in one form, as the tables of the tests write it: what goes in, what it is told, and of which opset.

import { type AttributeValue, GraphBuilder, type Value } from '../../../shared/models/onnx/builder.js';
import { type Attribute, DATA_TYPE, type OnnxModel } from '../../../shared/models/onnx/file.js';
import { type Feeds, random } from './read-and-run.js';

/** An input that stays: a number, a list of whole ones, or one that is left out. */
export type Given = number | string | Whole | Floats;
interface Whole {
  whole: readonly number[];
}
interface Floats {
  floats: readonly number[];
}
export const ints = (...whole: number[]): Whole => ({ whole });
export const floats = (...numbers: number[]): Floats => ({ floats: numbers });
export const NOTHING = '';

export interface Form {
  /** Shapes of float inputs that are fed, as in "2x3 3"; "-" is a single number. */
  of?: string;
  /** Of the numbers that are fed. */
  from?: number;
  to?: number;
  /** Inputs behind those. */
  and?: readonly Given[];
  attributes?: Readonly<Record<string, AttributeValue>>;
  /** Attributes that the builder does not write. */
  others?: readonly Attribute[];
  /** Default: the builder's own, 18. */
  opset?: number;
  /** Of onnxruntime's own. */
  domain?: string;
  outputs?: number;
  /** Writes something else than the op alone. */
  make?: (graph: GraphBuilder, inputs: readonly Value[]) => Value | readonly Value[];
}
export type Forms = Readonly<Record<string, Readonly<Record<string, Form>>>>;

export const dimsIn = (text: string): number[][] =>
  text === '' ? [] : text.split(' ').map((dims) => (dims === '-' ? [] : dims.split('x').map(Number)));

/** The model with what it is fed. */
export function modelOf(op: string, form: Form): { model: OnnxModel; feeds: Feeds } {
  const shapes = dimsIn(form.of ?? '');
  const graph = new GraphBuilder('form');
  const fed = shapes.map((dims, at) => graph.input(`x${at}`, dims));
  const made = form.make?.(graph, fed) ?? written(op, form, graph, fed);
  for (const [at, value] of [made].flat().entries()) graph.output(`y${at}`, value, []);
  const model = graph.model();
  model.graph.node.find(({ opType }) => opType === op)?.attribute.push(...(form.others ?? []));
  // Whatever type and shape comes out.
  for (const output of model.graph.output) output.type = undefined as never;
  if (form.opset !== undefined) model.opsetImport[0].version = form.opset;
  if (form.domain !== undefined) model.opsetImport.push({ domain: form.domain, version: 1 });
  return { model, feeds: Object.fromEntries(shapes.map((dims, at) => [`x${at}`, random(dims, at, form)])) };
}

function written(
  op: string,
  { and = [], attributes = {}, outputs = 1, domain }: Form,
  graph: GraphBuilder,
  fed: Value[],
): Value[] {
  const inputs = [...fed, ...and.map((given) => inputOf(graph, given))];
  return graph.ops(domain === undefined ? op : `${domain}:${op}`, inputs, outputs, { ...attributes });
}

function inputOf(graph: GraphBuilder, given: Given): Value {
  if (typeof given === 'number') return graph.scalar(given);
  if (typeof given === 'string') return given;
  return 'whole' in given
    ? graph.ints(given.whole)
    : graph.weight([given.floats.length], Float32Array.from(given.floats));
}

/** Known whole numbers as an output that everyone reads. */
export const asFloat = (graph: GraphBuilder, value: Value): Value =>
  graph.op('Cast', [value], { to: DATA_TYPE.float32 });
