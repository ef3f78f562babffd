// Pictures of a folder, or the faces on them, as squares of one size; decoded once where memory allows.

import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { glob } from 'tinyglobby';
import { cropFace } from '../../crop/face.js';
import { expected, NigaoeError, throwIfCancelled } from '../../errors.js';
import { openFaceFinder } from '../../faces/finder.js';
import type { Point } from '../../photo/affine.js';
import { decodePhoto } from '../../photo/decode.js';
import type { Photo } from '../../photo/photo.js';
import type { Tensor } from '../../tensor.js';
import type { Pictures } from './pictures.js';
import { cut, type Shape, squareOf } from './squares.js';

/** How pictures of a folder are prepared. */
export interface FolderOptions {
  /** Side of a picture as it is learned from, whole pixels from 1. */
  sizePx: number;
  /** 1: grey; 3 (default): red, green and blue. */
  channels?: 1 | 3;
  /** Keep pictures 1.12 times as large, and read of each a random part, mirrored at random; default false. */
  augment?: boolean;
  /** Learn from each face, cut out as for a portrait, instead of from whole pictures; default false. */
  alignFaces?: boolean;
  /** Refuse files that are no pictures instead of leaving them out; default false. */
  isWhole?: boolean;
  /** Read what a picture shows from a text file of its name; default false. */
  captions?: boolean;
  /** Megabytes of pictures that are kept, default 512; the rest is decoded anew each time. */
  memoryMb?: number;
  /** Hears what is read, and which files are left out: the first few by name. */
  onNotice?: (notice: string) => void;
  signal?: AbortSignal;
}

/** All pictures below a folder, sorted by path, without hidden files. Throws `options` where there is none. */
export async function openFolder(folder: string, options: FolderOptions): Promise<Pictures> {
  const { sizePx, channels = 3, augment = false } = options;
  const shape = { loadPx: augment ? Math.round(1.12 * sizePx) : sizePx, sizePx, channels };
  const { squares, captions } = await prepareAll(folder, shape, options);
  if (squares.length === 0) {
    const hint = 'nigaoe reads JPEG, PNG, WebP, AVIF, TIFF and GIF, and idx files such as those of MNIST';
    const what = options.alignFaces ? 'pictures with faces' : 'pictures';
    throw expected(`a folder with ${what}`, 'the data to learn from', folder, hint);
  }
  return {
    count: squares.length,
    dims: [channels, sizePx, sizePx],
    captions,
    read: async (index, random) => cut(await squares[index](), shape, augment ? random : undefined),
  };
}

/** Gives bytes `[channels, loadPx, loadPx]`. */
type Square = () => Uint8Array | Promise<Uint8Array>;
// Outside of the scope that the others see: what one of them holds, all would hold.
const kept = (square: Uint8Array) => () => square;

/** Files left out that are told by name. */
const FEW = 5;
/** Files that are decoded at once. */
const AT_ONCE = 4;

async function prepareAll(folder: string, shape: Shape, options: FolderOptions) {
  const { alignFaces, onNotice, signal } = options;
  const all = (await glob('**/*', { cwd: folder, onlyFiles: true, dot: false })).sort();
  const names = options.captions ? all.filter((name) => extname(name) !== CAPTION) : all;
  const finder = alignFaces ? await openFaceFinder({ onNotice, signal }) : undefined;
  if (names.length > 0) onNotice?.(`Reading ${names.length} files of ${folder}`);
  const squares: Square[] = [];
  const captions: (string | undefined)[] = [];
  const leftOut: string[] = [];
  let room = (options.memoryMb ?? 512) * 1e6;
  const anew = (name: string, face: readonly Point[] | undefined) => async () =>
    cutSquare(await decodeFile(folder, name), face, shape);
  const keep = async (name: string, photo: Photo) => {
    const faces = finder ? (await finder.find(photo)).map(({ landmarks }) => landmarks) : [undefined];
    if (faces.length === 0) leftOut.push(`${name} shows no face`);
    const caption = options.captions ? await captionOf(folder, name) : undefined;
    for (const face of faces) {
      captions.push(caption);
      room -= shape.channels * shape.loadPx ** 2;
      squares.push(room >= 0 ? kept(await cutSquare(photo, face, shape)) : anew(name, face));
    }
  };
  try {
    for (let first = 0; first < names.length; first += AT_ONCE) {
      throwIfCancelled(signal);
      const some = names.slice(first, first + AT_ONCE);
      const photos = await Promise.all(some.map((name) => decodeFile(folder, name).catch(asReason)));
      for (const [index, photo] of photos.entries())
        if (typeof photo === 'string') leftOut.push(photo);
        else await keep(some[index], photo);
    }
  } finally {
    await finder?.close();
  }
  if (options.isWhole && leftOut.length > 0) {
    const hint = 'Pairs are made by the order of the files: remove what is none, in both folders.';
    throw expected('nothing but pictures', folder, leftOut[0], hint);
  }
  for (const reason of leftOut.slice(0, FEW)) onNotice?.(`Left out: ${reason}`);
  if (leftOut.length > FEW) onNotice?.(`Left out: ${leftOut.length - FEW} more files`);
  return { squares, captions };
}

const CAPTION = '.txt';

/** The words beside a picture, if any. */
async function captionOf(folder: string, name: string): Promise<string | undefined> {
  const file = join(folder, `${name.slice(0, -extname(name).length || undefined)}${CAPTION}`);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text?.trim();
}

async function decodeFile(folder: string, name: string): Promise<Photo> {
  const bytes = await readFile(join(folder, name)).catch((cause: unknown) => {
    throw new NigaoeError('photo-unreadable', `${name} cannot be read`, { cause });
  });
  return decodePhoto(bytes, { name });
}

function asReason(error: unknown): string {
  if (!(error instanceof NigaoeError)) throw error;
  return error.message;
}

/** The smallest face that `cropFace` cuts; smaller ones are scaled down. */
const LEAST_FACE_PX = 64;

async function cutSquare(
  photo: Photo,
  face: readonly Point[] | undefined,
  shape: Shape,
): Promise<Uint8Array> {
  if (face === undefined) return squareOf(photo, shape);
  const { pixels } = cropFace(photo, face, { sizePx: Math.max(LEAST_FACE_PX, shape.loadPx) });
  return squareOf(photoOf(pixels), shape);
}

function photoOf({ dims: [, , height, width], data }: Tensor): Photo {
  const plane = height * width;
  const bytes = Uint8Array.from({ length: 3 * plane }, (_, at) =>
    Math.round((data[(at % 3) * plane + Math.floor(at / 3)] + 1) * 127.5),
  );
  return { data: bytes, width, height, metadata: { format: 'png', notices: [] } };
}
