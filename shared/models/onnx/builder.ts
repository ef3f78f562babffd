// Writes ONNX graphs op by op: values are names, ops return the name of their output.

import {
  ATTRIBUTE_TYPE,
  type Attribute,
  DATA_TYPE,
  type Dim,
  type Graph,
  type OnnxModel,
  type ValueInfo,
} from './file.js';
import { floatTensor, intTensor, type SmallInts, smallIntTensor } from './tensor-proto.js';

/** Name of a value in the graph. */
export type Value = string & { readonly __value?: never };

/** A float attribute: ONNX tells 1 from 1.0, JavaScript does not. */
interface FloatAttribute {
  float: number;
}
export type AttributeValue = number | string | readonly number[] | FloatAttribute;

/** Marks a number as a float attribute. */
export const float = (value: number): FloatAttribute => ({ float: value });

const IR_VERSION = 8;
const OPSET = 18;

/** One graph under construction. Dims are numbers, or names where the size is known only at run time. */
export class GraphBuilder {
  readonly #graph: Graph;
  readonly #constants = new Map<string, Value>();
  readonly #taken: Set<string>;
  readonly #later: ReadonlySet<string>;
  #count = 0;

  /**
   * Starts a graph of that name, or goes on with one: its names are not used again, nor made up if they are to be given
   * `later`.
   */
  constructor(start: string | Graph, later: Iterable<string> = []) {
    const empty = { node: [], initializer: [], input: [], output: [], valueInfo: [] };
    this.#graph = typeof start === 'string' ? { name: start, ...empty } : start;
    this.#taken = new Set(namesIn(this.#graph));
    this.#later = new Set(later);
  }

  /** Declares a float32 input. */
  input(name: string, dims: readonly (number | string)[]): Value {
    this.#taken.add(name);
    this.#graph.input.push(valueInfo(name, dims));
    return name;
  }

  /** Names a value as an output of the graph. */
  output(name: string, value: Value, dims: readonly (number | string)[]): void {
    this.#graph.node.push({ opType: 'Identity', input: [value], output: [name], attribute: [] });
    this.#graph.output.push(valueInfo(name, dims));
  }

  /** A constant float32 tensor; of a name that is taken already it gets another. */
  weight(dims: readonly number[], data: Float32Array, name?: string): Value {
    const value = name === undefined || this.#taken.has(name) ? this.#fresh('weight') : name;
    this.#taken.add(value);
    this.#graph.initializer.push(floatTensor(dims, data, value));
    return value;
  }

  /** A constant tensor of uint8, int8 or int32. */
  smallInts(dims: readonly number[], data: SmallInts): Value {
    const value = this.#fresh('bytes');
    this.#graph.initializer.push(smallIntTensor(dims, data, value));
    return value;
  }

  /** A float32 number; equal numbers share one constant. */
  scalar(value: number): Value {
    return this.#shared(`scalar ${value}`, () => this.weight([], Float32Array.of(value)));
  }

  /** A constant list of int64 (axes, shapes, pads); equal lists share one constant. */
  ints(values: readonly number[]): Value {
    return this.#shared(`ints ${values.join(',')}`, () => {
      const name = this.#fresh('constant');
      this.#graph.initializer.push(intTensor([values.length], values, name));
      return name;
    });
  }

  /**
   * Adds an op with one output and returns that output. An empty name leaves an optional input out; an op that is not ONNX's
   * own is `domain:op`.
   */
  op(opType: string, inputs: readonly Value[], attributes: Record<string, AttributeValue> = {}): Value {
    return this.ops(opType, inputs, 1, attributes)[0];
  }

  /** Adds an op with several outputs. */
  ops(
    opType: string,
    inputs: readonly Value[],
    outputs: number,
    attributes: Record<string, AttributeValue> = {},
  ): Value[] {
    const output = Array.from({ length: outputs }, () => this.#fresh(opType));
    const attribute = Object.entries(attributes).map(([name, value]) => attributeFor(name, value));
    const [name, domain] = opType.split(':').reverse();
    const kind = domain === undefined ? { opType } : { opType: name, domain };
    this.#graph.node.push({ name: output[0], ...kind, input: [...inputs], output, attribute });
    return output;
  }

  /** Adds an op with one output and the attributes of another graph's node. */
  copy(opType: string, inputs: readonly Value[], attribute: readonly Attribute[]): Value {
    const output = this.#fresh(opType);
    this.#graph.node.push({
      name: output,
      opType,
      input: [...inputs],
      output: [output],
      attribute: [...attribute],
    });
    return output;
  }

  /** Says of what shape a float32 value is: rewriting steps may want to know. */
  describe(value: Value, dims: readonly (number | string)[]): void {
    this.#graph.valueInfo.push(valueInfo(value, dims));
  }

  /** The finished model. */
  model(metadata: Record<string, string> = {}): OnnxModel {
    return {
      irVersion: IR_VERSION,
      producerName: 'nigaoe',
      opsetImport: [{ domain: '', version: OPSET }],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      graph: this.#graph,
    };
  }

  #fresh(prefix: string): Value {
    const name = `${prefix}_${this.#count++}`;
    if (this.#taken.has(name) || this.#later.has(name)) return this.#fresh(prefix);
    this.#taken.add(name);
    return name;
  }

  #shared(key: string, make: () => Value): Value {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const value = make();
    this.#constants.set(key, value);
    return value;
  }
}

/** Names of values and of nodes: onnxruntime wants both to be unique. */
function* namesIn({ input, initializer, node }: Graph): Generator<string> {
  for (const { name } of [...input, ...initializer, ...node]) yield name ?? '';
  for (const { output } of node) yield* output;
}

function valueInfo(name: string, dims: readonly (number | string)[]): ValueInfo {
  const dim = dims.map((size): Dim => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: DATA_TYPE.float32, shape: { dim } } } };
}

function attributeFor(name: string, value: AttributeValue): Attribute {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.int, i: value };
  if (typeof value === 'string') return { name, type: ATTRIBUTE_TYPE.string, s: Buffer.from(value) };
  if ('float' in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: [...value] };
}
