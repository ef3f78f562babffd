// The numbers of a model's ports: float32 for everyone here, whatever the model takes and gives.

import { float16ToFloat32, float32ToFloat16 } from './onnx/tensor-proto.js';

/** Element types of ports that can be fed and read. */
export type PortType = 'float32' | 'float16' | 'float64' | 'int64' | 'int32' | 'uint8' | 'bool';
type Numbers = Float32Array | Float64Array | Uint16Array | BigInt64Array | Int32Array | Uint8Array;

/** From Node.js 24 on onnxruntime-node takes float16 in the engine's own array, before that as bit patterns. */
const HALVES = (globalThis as { Float16Array?: { from(values: Float32Array): Uint16Array } }).Float16Array;

const FEED: Record<PortType, (data: Float32Array) => Numbers> = {
  float32: (data) => data,
  float16: (data) => (HALVES ? HALVES.from(data) : float32ToFloat16(data)),
  float64: (data) => Float64Array.from(data),
  int64: (data) => BigInt64Array.from(data, (value) => BigInt(Math.round(value))),
  int32: (data) => Int32Array.from(data, Math.round),
  uint8: (data) => Uint8Array.from(data, Math.round),
  bool: (data) => Uint8Array.from(data, (value) => (value === 0 ? 0 : 1)),
};

/** Float32 numbers as a port takes them; integers are rounded. Undefined for a type that nothing here feeds. */
export function numbersFor(type: string, data: Float32Array): Numbers | undefined {
  return FEED[type as PortType]?.(data);
}

/** Numbers of a port as float32; undefined for a type that holds none. */
export function numbersFrom(type: string, data: unknown): Float32Array | undefined {
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array && type === 'float16') return float16ToFloat32(data);
  if (data instanceof BigInt64Array) return Float32Array.from(data, Number);
  const isNumeric = type === 'float16' || type in FEED;
  return isNumeric && ArrayBuffer.isView(data)
    ? Float32Array.from(data as unknown as ArrayLike<number>)
    : undefined;
}
