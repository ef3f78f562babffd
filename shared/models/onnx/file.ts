// Reads and writes ONNX files as plain data.

import { NigaoeError } from '../../errors.js';
import { MODEL_CODEC } from './schema.js';

/** Element types of ONNX tensors (TensorProto.DataType) that nigaoe deals in. */
export const DATA_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
} as const;

/** Attribute kinds (AttributeProto.AttributeType) that nigaoe writes. */
export const ATTRIBUTE_TYPE = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;

export interface TensorProto {
  name?: string;
  dims: number[];
  dataType: number;
  /** Little-endian elements; the form that nigaoe writes. */
  rawData?: Uint8Array;
  floatData?: number[];
  int32Data?: number[];
  int64Data?: number[];
  doubleData?: number[];
  externalData?: { key: string; value: string }[];
  dataLocation?: number;
}

export interface Attribute {
  name: string;
  type: number;
  f?: number;
  i?: number;
  s?: Uint8Array;
  t?: TensorProto;
  g?: Graph;
  floats?: number[];
  ints?: number[];
  strings?: Uint8Array[];
  tensors?: TensorProto[];
  graphs?: Graph[];
}

export interface Node {
  name?: string;
  opType: string;
  domain?: string;
  /** Names of values; an empty name is an optional input left out. */
  input: string[];
  output: string[];
  attribute: Attribute[];
  metadataProps?: { key: string; value: string }[];
}

export interface Dim {
  dimValue?: number;
  dimParam?: string;
}

export interface ValueInfo {
  name: string;
  type?: { tensorType?: { elemType: number; shape?: { dim: Dim[] } } };
}

export interface Graph {
  name: string;
  node: Node[];
  initializer: TensorProto[];
  input: ValueInfo[];
  output: ValueInfo[];
  valueInfo: ValueInfo[];
}

export interface OnnxModel {
  irVersion: number;
  producerName?: string;
  opsetImport: { domain: string; version: number }[];
  metadataProps: { key: string; value: string }[];
  graph: Graph;
  /** Operators that the file brings along, made of others. */
  functions?: { name: string; domain?: string; node: Node[] }[];
}

/** What nearly all ONNX files begin with: ModelProto.ir_version, field 1, a varint. */
const IR_VERSION_TAG = 0x08;

/**
 * Parses an ONNX file. Tensor bytes stay views into `bytes`; int64 values become numbers (the extreme values survive
 * a round trip, because writing saturates).
 * @throws `model-corrupt` where the bytes are no ONNX model
 */
export function readOnnx(bytes: Uint8Array, name = 'the model'): OnnxModel {
  try {
    const message = MODEL_CODEC.decode(bytes);
    const model = MODEL_CODEC.toObject(message, { longs: Number, arrays: true }) as OnnxModel;
    if (model.graph === undefined || model.graph.node.length === 0) throw new Error('it holds no graph');
    return model;
  } catch (cause) {
    // What protobuf throws where a length leads beyond the end.
    const isCutShort = cause instanceof RangeError && bytes.length > 0 && bytes[0] === IR_VERSION_TAG;
    const reason = isCutShort ? 'it ends in the middle' : 'its bytes are something else';
    throw noModel(name, reason, cause);
  }
}

/** The failure of bytes that are no ONNX model. */
export const noModel = (name: string, reason: string, cause?: unknown): NigaoeError =>
  new NigaoeError('model-corrupt', `Expected an ONNX model in ${name} but ${reason}`, {
    hint: 'Download or export the file again; one of the catalogue comes anew with `nigaoe models pull`.',
    cause,
  });

/** Serialises a model to the bytes of an ONNX file. */
export function writeOnnx(model: OnnxModel): Uint8Array {
  return MODEL_CODEC.encode(MODEL_CODEC.fromObject(model)).finish();
}

/** The attribute of a node, or undefined. */
export function attributeOf(node: Node, name: string): Attribute | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}

/** The text of a string attribute, or undefined. */
export function textOf(node: Node, name: string): string | undefined {
  const bytes = attributeOf(node, name)?.s;
  return bytes && Buffer.from(bytes).toString();
}

/** Every graph of a model: its own and those nested in If, Loop and Scan, outermost first. */
export function* graphsOf(graph: Graph): Generator<Graph> {
  yield graph;
  for (const { attribute } of graph.node)
    for (const { g, graphs = [] } of attribute) for (const inner of g ? [g] : graphs) yield* graphsOf(inner);
}
