// Gets the bytes that are sent to the bridge: the image file behind a fill, or a layer as it looks.

import type { Image, Rect, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import { Skipped } from '../bridge/failed.js';
import { orUndo, type Run } from '../running.js';
import type { Size } from './paints.js';
import { hiddenWords } from './sentences.js';

/** Figma takes no larger image, and results are as large as what was sent. */
export const MOST_PX = 4096;
/** Layers are exported at up to twice their size, for sharp screens. */
const MOST_SCALE = 2;

export interface Picture extends Size {
  /** PNG, JPEG or GIF. */
  bytes: Uint8Array;
}

/** The original file of an image, or, where that is larger than Figma takes back, the whole of it smaller. */
export async function readImage(run: Run, hash: string): Promise<Picture & { original: Size }> {
  const image = run.host.figma.getImageByHash(hash);
  if (image === null)
    throw new Error('Expected the image of this fill in the file but it is no longer there');
  const original = await image.getSizeAsync();
  const fits = Math.max(original.width, original.height) <= MOST_PX;
  if (!fits) return { ...(await shrinkImage(run, image, original)), original };
  return { bytes: await image.getBytesAsync(), ...original, original };
}

/** A layer as it looks, with children, crop and filters. */
export async function readLook(node: SceneNode): Promise<Picture> {
  const { width, height } = lookOf(node);
  const value = Math.min(MOST_SCALE, MOST_PX / Math.max(width, height));
  const constraint = { type: 'SCALE', value } as const;
  const bytes = await node.exportAsync({ format: 'PNG', constraint, colorProfile: 'SRGB' });
  return { bytes, width: Math.round(width * value), height: Math.round(height * value) };
}

/** Where a layer lies on the canvas with its strokes and shadows; throws `Skipped` where it is not seen. */
export function lookOf(node: SceneNode): Rect {
  const bounds = 'absoluteRenderBounds' in node ? node.absoluteRenderBounds : node.absoluteBoundingBox;
  if (bounds === null || !node.visible) throw new Skipped(hiddenWords(node));
  return bounds;
}

/** Figma itself scales: a rectangle that shows all of the image is exported, and is gone before anybody sees it. */
async function shrinkImage(run: Run, image: Image, original: Size): Promise<Picture> {
  const scale = MOST_PX / Math.max(original.width, original.height);
  const width = Math.max(1, Math.round(original.width * scale));
  const height = Math.max(1, Math.round(original.height * scale));
  const sheet = run.host.figma.createRectangle();
  const away = (): void => {
    if (!sheet.removed) sheet.remove();
  };
  try {
    sheet.resize(width, height);
    sheet.fills = [{ type: 'IMAGE', scaleMode: 'FILL', imageHash: image.hash }];
    return { bytes: await orUndo(run, away, () => sheet.exportAsync({ format: 'PNG' })), width, height };
  } finally {
    away();
  }
}
