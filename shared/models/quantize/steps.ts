// Numbers as bytes and back: value = (byte - zero) * scale.

/** The numbers that the bytes of a value stand for; 0 is always one of them. */
export interface Step {
  scale: number;
  zero: number;
}

/** The numbers that get bytes of their own; what is beyond becomes the nearest of them. */
export interface Range {
  low: number;
  high: number;
}

export type ByteType = 'uint8' | 'int8';

/** How the weights of a convolution are written; they lie evenly on both sides of 0. */
export interface WeightForm {
  type: ByteType;
  /**
   * 7: products of two pairs of bytes fit into the 16 bits in which processors without VNNI add them; with 8 they are cut
   * off there when both are large.
   */
  bits: 7 | 8;
  /** A scale for each output channel instead of one for all. */
  perChannel: boolean;
}

/** How maps and weights are written. */
export interface Form {
  /** uint8: the range may lie unevenly around 0; int8: it is taken evenly. */
  maps: ByteType;
  weights: WeightForm;
}

/** Weights as bytes. */
export interface ByteWeights {
  bytes: Uint8Array | Int8Array;
  /** One per output channel, or a single one. */
  scales: Float32Array;
  zero: number;
}

/** A constant map has no width: any scale gives its 0 back. */
const positive = (scale: number): number => (Math.fround(scale) > 0 ? Math.fround(scale) : 1);

/** The step that spreads the bytes over a range. */
export function stepFor({ low, high }: Range, type: ByteType): Step {
  const [from, to] = [Math.min(low, 0), Math.max(high, 0)];
  if (type === 'int8') return { scale: positive(Math.max(-from, to) / 127), zero: 0 };
  const scale = positive((to - from) / 255);
  return { scale, zero: Math.min(255, Math.round((0 - from) / scale)) };
}

const LARGEST: Readonly<Record<WeightForm['bits'], number>> = { 7: 63, 8: 127 };

/**
 * Weights `[outputs, ...]` as bytes. No scale of a channel goes below `leastScale` of it, where all weights are zero or nearly
 * so: what is added to its products would not fit into 32 bits.
 */
export function weightBytes(
  data: Float32Array,
  outputs: number,
  { form, leastScale = () => 0 }: { form: WeightForm; leastScale?: (channel: number) => number },
): ByteWeights {
  const size = data.length / outputs;
  const channel = (at: number) => data.subarray(at * size, (at + 1) * size);
  const largest = LARGEST[form.bits];
  const own = Array.from({ length: outputs }, (_, at) =>
    Math.max(largestOf(channel(at)) / largest, leastScale(at)),
  );
  const scales = Float32Array.from(form.perChannel ? own : [Math.max(...own)], positive);
  const zero = form.type === 'uint8' ? 128 : 0;
  const bytes = form.type === 'uint8' ? new Uint8Array(data.length) : new Int8Array(data.length);
  for (let at = 0; at < data.length; at++) {
    const scale = scales[form.perChannel ? Math.floor(at / size) : 0];
    bytes[at] = zero + Math.min(largest, Math.max(-largest, Math.round(data[at] / scale)));
  }
  return { bytes, scales, zero };
}

const largestOf = (data: Float32Array): number =>
  data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
