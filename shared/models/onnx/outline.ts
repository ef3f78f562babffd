// Reads an ONNX file without the numbers of its weights: gigabytes on the disk, megabytes here.

import { type FileHandle, open } from 'node:fs/promises';
import { NigaoeError } from '../../errors.js';
import { noModel, type OnnxModel, readOnnx } from './file.js';

/** What to do with the fields of a message, by their numbers; others are taken as they are. */
interface Plan {
  [field: number]: Plan | 'mark' | 'drop';
}

/** TensorProto: raw_data, and the lists that hold numbers one by one. */
const TENSOR: Plan = { 4: 'drop', 5: 'drop', 7: 'drop', 9: 'mark', 10: 'drop', 11: 'drop' };
/** ModelProto.graph, GraphProto.initializer. */
const MODEL: Plan = { 7: { 5: TENSOR } };

/** What git leaves in the place of a large file that was not fetched. */
const POINTER = 'version https://git-lfs';

/**
 * The model of a file, its weights without their numbers: names, types, shapes and places are there, and a single byte for
 * numbers that lie in the file itself. Throws `model-corrupt` where the file is none, or ends in the middle.
 */
export async function readOutline(file: string): Promise<OnnxModel> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const source = sourceOf(handle, size, file);
    const start = await source.bytes(0, Math.min(POINTER.length, size));
    if (start.toString('latin1') === POINTER) throw onlyPointer(file);
    return readOnnx(await hollow(source, { start: 0, end: size }, MODEL), file);
  } finally {
    await handle.close();
  }
}

const onlyPointer = (file: string): NigaoeError =>
  new NigaoeError('model-corrupt', `Expected an ONNX model in ${file} but git left a pointer to it there`, {
    hint: 'Install git-lfs, and run `git lfs pull` in the folder.',
  });

/** A file, read a window at a time. */
interface Source {
  bytes(start: number, length: number): Promise<Buffer>;
  name: string;
}

const WINDOW_BYTES = 1 << 16;

function sourceOf(handle: FileHandle, size: number, name: string): Source {
  let [window, from] = [Buffer.alloc(0), 0];
  return {
    name,
    async bytes(start, length) {
      if (start + length > size) throw noModel(name, 'it ends in the middle');
      if (start < from || start + length > from + window.length) {
        window = Buffer.alloc(Math.min(Math.max(length, WINDOW_BYTES), size - start));
        from = start;
        await handle.read(window, 0, window.length, start);
      }
      return window.subarray(start - from, start - from + length);
    },
  };
}

interface Span {
  start: number;
  end: number;
}

/** The bytes of a message by the plan, and of the messages in it. */
async function hollow(source: Source, { start, end }: Span, plan: Plan): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let at = start; at < end; ) {
    const field = await fieldAt(source, at, end);
    const step = plan[field.number];
    const tag = await source.bytes(at, field.tagBytes);
    if (step === undefined) parts.push(Buffer.from(await source.bytes(at, field.end - at)));
    // One byte for all: what is empty counts as not there.
    else if (step === 'mark') parts.push(Buffer.from([...tag, 1, 0]));
    else if (step !== 'drop') {
      const kept = Buffer.from(tag);
      const inner = await hollow(source, { start: field.start, end: field.end }, step);
      parts.push(kept, varintOf(inner.length), inner);
    }
    at = field.end;
  }
  return Buffer.concat(parts);
}

interface Field extends Span {
  number: number;
  /** Bytes of the tag before it. */
  tagBytes: number;
}

/** Bytes of a value by its wire type; varints and what says its own length are read. */
const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

async function fieldAt(source: Source, at: number, limit: number): Promise<Field> {
  const tag = await varintAt(source, at, limit);
  const number = Math.floor(tag.value / 8);
  const field = { number, tagBytes: tag.end - at };
  const wire = tag.value % 8;
  const fixed = FIXED_BYTES[wire];
  if (fixed !== undefined) return { ...field, start: tag.end, end: tag.end + fixed };
  if (number === 0 || (wire !== 0 && wire !== 2)) throw noModel(source.name, 'its bytes are something else');
  const { value, end } = await varintAt(source, tag.end, limit);
  if (wire === 0) return { ...field, start: tag.end, end };
  if (end + value > limit) throw noModel(source.name, 'it ends in the middle');
  return { ...field, start: end, end: end + value };
}

/** Seven bits a byte, the lowest first; numbers of more than 53 bits are not looked at. */
async function varintAt(source: Source, at: number, limit: number): Promise<{ value: number; end: number }> {
  const bytes = await source.bytes(at, Math.min(10, limit - at));
  let value = 0;
  for (const [index, byte] of bytes.entries()) {
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  throw noModel(source.name, limit - at < 10 ? 'it ends in the middle' : 'its bytes are something else');
}

function varintOf(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
