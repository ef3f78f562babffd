// Element types of stored tensors, and how their little-endian bytes become float32.

import { float16ToFloat32 } from '../onnx/tensor-proto.js';

/** Bytes per element. */
export const ELEMENT_BYTES = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
} as const;

export type ElementType = keyof typeof ELEMENT_BYTES;

/** The elements as float32: exact for float16, bfloat16 and small integers, rounded to nearest for the others. */
export function toFloat32(bytes: Uint8Array, type: ElementType): Float32Array {
  return CONVERT[type](aligned(bytes));
}

const CONVERT: Record<ElementType, (buffer: ArrayBuffer) => Float32Array> = {
  float64: (buffer) => Float32Array.from(new Float64Array(buffer)),
  float32: (buffer) => new Float32Array(buffer),
  float16: (buffer) => float16ToFloat32(new Uint16Array(buffer)),
  bfloat16: (buffer) => bfloat16ToFloat32(new Uint16Array(buffer)),
  int64: (buffer) => Float32Array.from(new BigInt64Array(buffer), Number),
  int32: (buffer) => Float32Array.from(new Int32Array(buffer)),
  int16: (buffer) => Float32Array.from(new Int16Array(buffer)),
  int8: (buffer) => Float32Array.from(new Int8Array(buffer)),
  uint8: (buffer) => Float32Array.from(new Uint8Array(buffer)),
  bool: (buffer) => Float32Array.from(new Uint8Array(buffer), (byte) => (byte === 0 ? 0 : 1)),
};

/** bfloat16 is the upper half of a float32. */
function bfloat16ToFloat32(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

/** The nearest bfloat16, of two as near the even one. */
export function float32ToBfloat16(floats: Float32Array): Uint16Array {
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  return Uint16Array.from(words, (bits, at) =>
    Number.isNaN(floats[at]) ? 0x7fc0 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16,
  );
}

// Typed arrays must start at a multiple of their element size; what was read into a buffer of its own is not copied. The
// slice is Uint8Array's own: that of a Buffer is only a view.
function aligned(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  const isWhole = byteOffset === 0 && byteLength === buffer.byteLength;
  return (isWhole ? buffer : Uint8Array.prototype.slice.call(bytes).buffer) as ArrayBuffer;
}
