// ONNX tensor messages <-> float32 numbers, with the float16 conversions.

import { DATA_TYPE, type TensorProto } from './file.js';

/** A float32 tensor message. */
export function floatTensor(dims: readonly number[], data: Float32Array, name?: string): TensorProto {
  return { name, dims: [...dims], dataType: DATA_TYPE.float32, rawData: bytesOf(data) };
}

/** An int64 tensor message (axes, shapes, repeats); values beyond int64 saturate: 2 ** 63 means "to the end" in a Slice. */
export function intTensor(dims: readonly number[], values: readonly number[], name?: string): TensorProto {
  const data = BigInt64Array.from(values, saturated);
  return { name, dims: [...dims], dataType: DATA_TYPE.int64, rawData: bytesOf(data) };
}

/** What quantized networks are made of. */
export type SmallInts = Uint8Array | Int8Array | Int32Array;

/** A uint8, int8 or int32 tensor message, after the type of its array. */
export function smallIntTensor(dims: readonly number[], data: SmallInts, name?: string): TensorProto {
  const { uint8, int8, int32 } = DATA_TYPE;
  const dataType = data instanceof Uint8Array ? uint8 : data instanceof Int8Array ? int8 : int32;
  return { name, dims: [...dims], dataType, rawData: bytesOf(data) };
}

/** The numbers of a float32 or float16 tensor message as float32. */
export function floatsOf(proto: TensorProto): Float32Array {
  if (proto.dataType === DATA_TYPE.float16) return float16ToFloat32(halvesOf(proto));
  if (proto.dataType !== DATA_TYPE.float32)
    throw new Error(
      `internal: tensor ${proto.name ?? ''} of data type ${proto.dataType} is not a float tensor`,
    );
  if (proto.rawData && proto.rawData.length > 0) return new Float32Array(alignedCopy(proto.rawData));
  return Float32Array.from(proto.floatData ?? []);
}

/** The numbers of an int64 tensor message (axes, pads, shapes), each of them small. */
export function intsOf(proto: TensorProto): number[] {
  if (proto.rawData && proto.rawData.length > 0)
    return Array.from(new BigInt64Array(alignedCopy(proto.rawData)), Number);
  return proto.int64Data ?? [];
}

/** IEEE 754 binary16 to binary32, by a table over the 65,536 patterns: exact, and fast on megabytes of weights. */
export function float16ToFloat32(halves: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, bits) => decodeHalf(bits));
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = table[halves[i]];
  return floats;
}

/** binary32 to binary16: the nearest, of two as near the even one; too large becomes infinite. */
export function float32ToFloat16(floats: Float32Array): Uint16Array {
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  return Uint16Array.from(words, (bits, at) => encodeHalf(bits, Math.abs(floats[at])));
}

const MOST_INT64 = 2n ** 63n - 1n;

function saturated(value: number): bigint {
  const exact = BigInt(value);
  return exact > MOST_INT64 ? MOST_INT64 : exact < -MOST_INT64 - 1n ? -MOST_INT64 - 1n : exact;
}

let table: Float32Array | undefined;

function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function encodeHalf(bits: number, size: number): number {
  const sign = (bits >>> 16) & 0x8000;
  if (Number.isNaN(size)) return sign | 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  // Below the smallest normal number all are multiples of 2^-24.
  if (size < 2 ** -14) return sign | toEven(size * 2 ** 24);
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15;
  // A fraction that is rounded up to 1 carries into the exponent.
  return sign | ((exponent << 10) + toEven((bits & 0x7fffff) / 2 ** 13));
}

function toEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

function halvesOf(proto: TensorProto): Uint16Array {
  if (proto.rawData && proto.rawData.length > 0) return new Uint16Array(alignedCopy(proto.rawData));
  return Uint16Array.from(proto.int32Data ?? []);
}

function bytesOf(data: Float32Array | BigInt64Array | SmallInts): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

// A view into the file may start at any byte; typed arrays must start at a multiple of their element size.
function alignedCopy(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return copy;
}
