// The numbers of tensor messages.

import { DATA_TYPE, type TensorProto } from '../../models/onnx/file.js';
import { floatsOf, intsOf } from '../../models/onnx/tensor-proto.js';

/** Numbers that do not depend on what the graph is fed. */
export interface Known {
  readonly dims: readonly number[];
  readonly numbers: Float64Array | Float32Array;
  /** Whether they are whole by their type, which decides how they are divided. */
  readonly isWhole: boolean;
  /** Of the initializer that they are. */
  readonly name?: string | undefined;
}

export const known = (dims: readonly number[], numbers: Iterable<number>, isWhole = true): Known => ({
  dims,
  numbers: Float64Array.from(numbers),
  isWhole,
});

/** The numbers of a float tensor: those of the message itself where they lie as typed arrays want it. */
export function floatsIn(proto: TensorProto): Float32Array {
  const { dataType, rawData } = proto;
  const isPlain = dataType === DATA_TYPE.float32 && rawData !== undefined && rawData.length > 0;
  if (!isPlain || rawData.byteOffset % 4 !== 0) return floatsOf(proto);
  return new Float32Array(rawData.buffer, rawData.byteOffset, rawData.byteLength / 4);
}

export const isFloat = ({ dataType }: TensorProto): boolean =>
  dataType === DATA_TYPE.float32 || dataType === DATA_TYPE.float16;

/** More than shapes, scales and borders have: weights beyond that are not computed with while reading. */
export const FEW = 1024;
/** More than masks have: what is spread beyond that is left to the run. */
export const MANY = 2 ** 16;

/** Other numbers in the same places; they are no initializer any more. */
export const changed = (
  { dims, isWhole }: Known,
  numbers: ArrayLike<number> & Iterable<number>,
  areWhole = isWhole,
): Known => known(dims, numbers, areWhole);

/** Types of numbers that have no fraction, and of true and false. */
export const isWholeType = (type: number): boolean => WHOLE_TYPES.has(type);
const WHOLE_TYPES: ReadonlySet<number> = new Set([
  ...[DATA_TYPE.uint8, DATA_TYPE.int8, DATA_TYPE.int32, DATA_TYPE.int64, DATA_TYPE.bool],
]);

/** The numbers of a message; undefined for types that hold none, or none that are read. */
export function knownOf(proto: TensorProto): Known | undefined {
  if (isFloat(proto)) return { dims: proto.dims, numbers: floatsIn(proto), isWhole: false, name: proto.name };
  const numbers = otherNumbers(proto);
  return numbers && known(proto.dims, numbers, isWholeType(proto.dataType));
}

/** Of the types of whole numbers and of float64, whatever field they lie in. */
function otherNumbers(proto: TensorProto): (ArrayLike<number> & Iterable<number>) | undefined {
  const { dataType, rawData, int32Data = [], doubleData = [] } = proto;
  if (dataType === DATA_TYPE.int64) return intsOf(proto);
  if (dataType !== DATA_TYPE.float64 && !isWholeType(dataType)) return undefined;
  if (rawData === undefined || rawData.length === 0)
    return dataType === DATA_TYPE.float64 ? doubleData : int32Data;
  const { buffer } = new Uint8Array(rawData);
  if (dataType === DATA_TYPE.int32) return new Int32Array(buffer);
  if (dataType === DATA_TYPE.float64) return new Float64Array(buffer);
  return dataType === DATA_TYPE.int8 ? new Int8Array(buffer) : new Uint8Array(buffer);
}
