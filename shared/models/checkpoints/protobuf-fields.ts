// Walks over the fields of protobuf messages where they lie in a file; what a field holds is not read.
// Source: protobuf.dev, "Encoding".

import { type ByteSource, corrupt } from './bytes.js';
import type { Place } from './numbers.js';

/** A field of a message: its number, and the value of a varint or the place of its bytes. */
export interface Field {
  number: number;
  /** Where the value lies. */
  place: Place;
  /** Of a varint; beyond 2 ** 53 not exact. Undefined where the field holds bytes. */
  varint?: number;
}

/** Small pieces of a file, read through a window: a walk over gigabytes reads some kilobytes around each stop. */
export interface Window {
  source: ByteSource;
  /** At least one and at most `length` bytes from `offset`: fewer where the file ends. */
  view(offset: number, length: number): Promise<Uint8Array>;
}

const WINDOW_BYTES = 4096;
/** Key and length of a field: two varints of at most ten bytes. */
const FIELD_HEAD_BYTES = 20;
const MOST_VARINT_BYTES = 10;
const MOST_FIELD_NUMBER = 2 ** 29 - 1;
/** How the value of a field is stored: the lower three bits of its key. */
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export function openWindow(source: ByteSource): Window {
  let [from, bytes] = [0, new Uint8Array()];
  return {
    source,
    view: async (offset, length) => {
      const wanted = Math.min(length, source.size - offset);
      if (offset < from || offset + wanted > from + bytes.length) {
        bytes = await source.read(offset, Math.min(Math.max(wanted, WINDOW_BYTES), source.size - offset));
        from = offset;
      }
      return bytes.subarray(offset - from, offset - from + wanted);
    },
  };
}

/** The fields of the message at `place`, in their order; a message of more than `most` fields is damaged. */
export async function* fieldsOf(window: Window, place: Place, most: number): AsyncGenerator<Field> {
  const end = place.offset + place.length;
  let count = 0;
  for (let at = place.offset; at < end; count++) {
    if (count === most) throw damaged(window, place.offset, `a message has more than ${most} fields`);
    const field = await fieldAt(window, at, end);
    yield field;
    at = field.place.offset + field.place.length;
  }
}

async function fieldAt(window: Window, at: number, end: number): Promise<Field> {
  const head = await window.view(at, Math.min(FIELD_HEAD_BYTES, end - at));
  const key = varintAt(head, 0);
  if (key === undefined) throw damaged(window, at, 'a field has no number');
  const number = Math.floor(key.value / 8);
  const value = valueAfter(head, key.value % 8, key.next);
  const isField = number > 0 && number <= MOST_FIELD_NUMBER && value !== undefined;
  if (!isField || at + value.place.offset + value.place.length > end)
    throw damaged(window, at, 'a field does not fit into its message');
  return { number, ...value, place: { ...value.place, offset: at + value.place.offset } };
}

/** The value of a field whose key ends at `at`; its place counts from the field. */
function valueAfter(head: Uint8Array, wire: number, at: number): Omit<Field, 'number'> | undefined {
  if (wire === WIRE.fixed64) return { place: { offset: at, length: 8 } };
  if (wire === WIRE.fixed32) return { place: { offset: at, length: 4 } };
  const varint = varintAt(head, at);
  if (varint === undefined) return undefined;
  if (wire === WIRE.bytes) return { place: { offset: varint.next, length: varint.value } };
  if (wire !== WIRE.varint) return undefined;
  return { place: { offset: at, length: varint.next - at }, varint: varint.value };
}

/** The unsigned varint at `at` and where the next byte is; undefined where it does not end. */
export function varintAt(bytes: Uint8Array, at: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < MOST_VARINT_BYTES && at + i < bytes.length; i++) {
    value += (bytes[at + i] & 0x7f) * 2 ** (7 * i);
    if (bytes[at + i] < 0x80) return { value, next: at + i + 1 };
  }
  return undefined;
}

function damaged({ source }: Window, offset: number, reason: string): Error {
  return corrupt(source.name, `at byte ${offset} ${reason}`);
}
