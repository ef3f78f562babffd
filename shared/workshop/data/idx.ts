// Pictures in idx files, the format of MNIST: big-endian sizes, then bytes; plain or packed with gzip.

import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { codeOf, NigaoeError } from '../../errors.js';
import { LEVELS, type Pictures } from './pictures.js';

// Some archives have a dot where the original has a hyphen.
const IMAGES = /images([-.])idx3-ubyte(\.gz)?$/;

/** The idx files with pictures in a folder, sorted by name; a plain file wins over its packed copy. */
export async function findIdx(folder: string): Promise<string[]> {
  const byStem = new Map<string, string>();
  const names = await readdir(folder).catch((cause: unknown) => {
    throw unreadable('a folder that can be read', folder, codeOf(cause), { cause });
  });
  for (const name of names.filter((each) => IMAGES.test(each)).sort()) {
    const stem = name.replace(/\.gz$/, '');
    if (!byStem.has(stem)) byStem.set(stem, join(folder, name));
  }
  return [...byStem.values()];
}

/**
 * The grey pictures of these files, one after the other, with the labels of the files `...labels-idx1-ubyte` beside them
 * where all have one; of their own size, or their middle squares scaled to `sizePx`. With 3 channels all three are the same.
 * Throws `photo-unreadable` for a file that is none, not whole, or does not fit the others.
 */
export async function openIdx(
  files: readonly string[],
  { sizePx, channels = 1 }: { sizePx?: number; channels?: 1 | 3 } = {},
): Promise<Pictures> {
  const parts = await Promise.all(files.map((file) => readIdx(file, 3)));
  checkSizes(files, parts);
  const labels = await Promise.all(files.map((file, index) => readLabels(file, parts[index].dims[0])));
  const [, ...own] = parts[0].dims;
  const whole = Buffer.concat(parts.map(({ data }) => data));
  const isOwn = sizePx === undefined || own.every((side) => side === sizePx);
  const [height, width] = isOwn ? own : [sizePx, sizePx];
  const data = isOwn ? whole : scaled(whole, own, sizePx);
  const plane = height * width;
  return {
    count: data.length / plane,
    dims: [channels, height, width],
    ...(labels.every((each) => each !== undefined) && { labels: new Uint8Array(Buffer.concat(labels)) }),
    read(index) {
      const picture = new Float32Array(channels * plane);
      for (let at = 0; at < picture.length; at++) picture[at] = LEVELS[data[index * plane + (at % plane)]];
      return picture;
    },
  };
}

interface Idx {
  dims: number[];
  data: Uint8Array;
}

function checkSizes(files: readonly string[], parts: readonly Idx[]): void {
  const [, height, width] = parts[0].dims;
  for (const [index, { dims, data }] of parts.entries()) {
    if (data.length === 0) throw unreadable('at least one picture', files[index], 'none');
    if (dims[1] === height && dims[2] === width) continue;
    throw unreadable(`pictures of ${height} x ${width} px`, files[index], dims.slice(1).join(' x '));
  }
}

/** The middle squares of pictures, scaled to `sizePx` with a triangle filter: these pictures are many and tiny. */
function scaled(data: Uint8Array, [height, width]: readonly number[], sizePx: number): Uint8Array {
  const scale = Math.min(height, width) / sizePx;
  const [down, across] = [height, width].map((side) => weightsOf(side, sizePx, scale));
  const count = data.length / (height * width);
  return new Uint8Array(count * sizePx ** 2).map((_, at) => {
    const [x, line] = [at % sizePx, Math.floor(at / sizePx)];
    const first = Math.floor(line / sizePx) * height * width;
    let sum = 0.5;
    for (const { at: row, weight } of down[line % sizePx])
      for (const column of across[x]) sum += weight * column.weight * data[first + row * width + column.at];
    return sum;
  });
}

/** For each of `to` places which of `from` pixels it is made of; their weights add up to 1. */
function weightsOf(from: number, to: number, scale: number): { at: number; weight: number }[][] {
  return Array.from({ length: to }, (_, place) => {
    const middle = from / 2 + (place + 0.5 - to / 2) * scale - 0.5;
    const near = Array.from({ length: from }, (_, at) => ({
      at,
      weight: Math.max(0, 1 - Math.abs(Math.min(Math.max(middle, 0), from - 1) - at) / Math.max(1, scale)),
    })).filter(({ weight }) => weight > 0);
    const all = near.reduce((sum, { weight }) => sum + weight, 0);
    return near.map(({ at, weight }) => ({ at, weight: weight / all }));
  });
}

async function readLabels(images: string, count: number): Promise<Uint8Array | undefined> {
  if (!IMAGES.test(images)) return undefined;
  const stem = basename(images).replace(IMAGES, 'labels$1idx1-ubyte');
  const names = await readdir(dirname(images));
  const name = [stem, `${stem}.gz`].find((each) => names.includes(each));
  if (name === undefined) return undefined;
  const { dims, data } = await readIdx(join(dirname(images), name), 1);
  if (dims[0] !== count) throw unreadable(`as many labels as pictures (${count})`, name, dims[0]);
  return data;
}

/** A file of bytes with so many dimensions. */
async function readIdx(file: string, rank: 1 | 3): Promise<Idx> {
  const bytes = await unpacked(file);
  if (bytes.length < 4 + 4 * rank || bytes.readUInt32BE() !== 0x800 + rank) {
    const start = bytes.toString('hex', 0, 4) || 'nothing';
    const sentence = `a folder of pictures, or an idx file, which begins with 0000080${rank},`;
    throw unreadable(sentence, file, start, {
      hint: 'Name the folder that pictures lie in, or copy an idx file again',
    });
  }
  const dims = Array.from({ length: rank }, (_, index) => bytes.readUInt32BE(4 + 4 * index));
  const length = dims.reduce((product, dim) => product * dim, 1);
  const data = bytes.subarray(4 + 4 * rank);
  if (data.length !== length)
    throw unreadable(`${length} bytes (${dims.join(' x ')})`, file, String(data.length));
  return { dims, data };
}

async function unpacked(file: string): Promise<Buffer> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw unreadable('a file that can be read', file, codeOf(cause), { cause });
  });
  if (bytes.length < 2 || bytes.readUInt16BE() !== 0x1f8b) return bytes;
  return promisify(gunzip)(bytes).catch((cause: unknown) => {
    const fault = codeOf(cause) === 'Z_BUF_ERROR' ? 'ends too early' : 'is damaged';
    throw unreadable('a whole gzip file', file, `one that ${fault}`, { cause });
  });
}

function unreadable(
  what: string,
  file: string,
  received: unknown,
  { hint = 'Copy or download the file again', cause }: { hint?: string; cause?: unknown } = {},
): NigaoeError {
  const sentence = `Expected ${what} for ${basename(file)} but received ${received}`;
  return new NigaoeError('photo-unreadable', sentence, { hint, cause });
}
