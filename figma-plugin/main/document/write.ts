// Writes a drawing into a layer: only the image of the fill changes, and the layer remembers what was there.

import type { Paint, PluginAPI, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import { Skipped } from '../bridge/failed.js';
import { type FillNode, fillsOf } from './layers.js';
import { imageHashes, swapImage } from './paints.js';
import { type Original, readRecord, writeRecord } from './record.js';

export interface Replacement {
  /** Hash of what the layer showed when it was read. */
  shown: string;
  /** What Restore brings back. */
  original: Original;
  /** Hash of the drawing. */
  drawn: string;
  /** Pixels of the original per pixel of the drawing. */
  scale: number;
}

/** Throws `Skipped` when the layer or its image is gone: others edit the same file. */
export async function replaceImage(node: FillNode, replacement: Replacement): Promise<void> {
  const { shown, original, drawn, scale } = replacement;
  checkStill(node, shown);
  const swap = { from: shown, to: drawn, scale: scale / original.scale };
  const fills = swapImage(fillsOf(node), swap);
  if (fills === undefined) throw changed(node);
  remember(node, replacement);
  await setFills(node, fills);
}

/** The layer is still there and still shows the image. */
export function checkStill(node: FillNode, hash: string): void {
  if (node.removed) throw new Skipped('The layer was deleted meanwhile.');
  if (!imageHashes(fillsOf(node)).includes(hash)) throw changed(node);
}

/** Figma wants the source of a pattern loaded first, and has another call for that. */
export async function setFills(node: FillNode, fills: Paint[]): Promise<void> {
  if (fills.some(({ type }) => type === 'PATTERN')) await node.setFillsAsync(fills);
  else node.fills = fills;
}

/** Buttons in the properties panel; layers inside instances may refuse them, which is no reason to fail. */
export function offerAgain(node: SceneNode): void {
  try {
    node.setRelaunchData({ stylize: 'Draw it again from the original', restore: 'Bring the original back' });
  } catch {
    // The menu has both commands as well.
  }
}

export function withdrawOffer(node: SceneNode): void {
  try {
    node.setRelaunchData({});
  } catch {
    // As above.
  }
}

/** An image in the document; PNG, JPEG or GIF of at most 4096 px, else Figma throws. */
export function addImage(figma: PluginAPI, bytes: Uint8Array): string {
  return figma.createImage(bytes).hash;
}

function remember(node: FillNode, { shown, original, drawn, scale }: Replacement): void {
  const before = readRecord(node);
  const { [shown]: _, ...others } = before?.images ?? {};
  const styleId =
    typeof node.fillStyleId === 'string' && node.fillStyleId !== '' ? node.fillStyleId : before?.styleId;
  const images = { ...others, [drawn]: { hash: original.hash, scale } };
  writeRecord(node, { version: 1, images, ...(styleId === undefined ? {} : { styleId }) });
}

function changed({ name }: SceneNode): Skipped {
  return new Skipped(`The fill of “${name}” was changed meanwhile: it is left as it is.`);
}
