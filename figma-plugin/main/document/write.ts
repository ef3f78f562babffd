// Writes a drawing into a layer: only the image of the fill changes, and the layer remembers what was there.

import type { Paint, PluginAPI, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import { Skipped } from '../bridge/failed.js';
import { type FillNode, fillsOf } from './layers.js';
import { imageHashes, swapImage } from './paints.js';
import { type LayerRecord, type Original, readRecord, writeRecord } from './record.js';
import { DELETED } from './sentences.js';

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

/**
 * All images of a layer at once: it shows drawings and remembers what was there, or is as it was. Throws `Skipped` when the
 * layer or one of its images is gone: others edit the same file.
 */
export async function replaceImages(node: FillNode, replacements: readonly Replacement[]): Promise<void> {
  for (const { shown } of replacements) checkStill(node, shown);
  const fills = replacements.reduce(withDrawing, [...fillsOf(node)]);
  remember(node, replacements);
  await setFills(node, fills);
}

/** The layer is still there and still shows the image. */
export function checkStill(node: FillNode, hash: string): void {
  if (!shows(node, hash))
    throw new Skipped(`The fill of “${node.name}” was changed meanwhile: it is left as it is.`);
}

export function shows(node: FillNode, hash: string): boolean {
  if (node.removed) throw new Skipped(DELETED);
  return imageHashes(fillsOf(node)).includes(hash);
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

function withDrawing(fills: Paint[], { shown, original, drawn, scale }: Replacement): Paint[] {
  return swapImage(fills, { from: shown, to: drawn, scale: scale / original.scale }) ?? fills;
}

function remember(node: FillNode, replacements: readonly Replacement[]): void {
  const before = readRecord(node);
  const styleId =
    typeof node.fillStyleId === 'string' && node.fillStyleId !== '' ? node.fillStyleId : before?.styleId;
  const images = replacements.reduce(withOriginal, before?.images ?? {});
  writeRecord(node, { version: 1, images, ...(styleId === undefined ? {} : { styleId }) });
}

function withOriginal(images: LayerRecord['images'], replacement: Replacement): LayerRecord['images'] {
  const { shown, original, drawn, scale } = replacement;
  const { [shown]: _, ...others } = images;
  return { ...others, [drawn]: { hash: original.hash, scale } };
}
