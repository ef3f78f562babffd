// Brings back what drawings replaced.

import type { PluginAPI, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import { findBeneath, isCover, unhide } from './cover.js';
import { type FillNode, fillsOf, hasFills } from './layers.js';
import { imageHashes, swapImage } from './paints.js';
import { type LayerRecord, readCover, readRecord, writeCover, writeCovered, writeRecord } from './record.js';
import { DELETED, lostWords } from './sentences.js';
import { everyLayer, isInInstance, isLocked, outermost } from './tree.js';
import { setFills, withdrawOffer } from './write.js';

export interface Restored {
  /** Layers that show their original again. */
  restored: number;
  /** One sentence for each layer that does not. */
  problems: string[];
}

export function isRestorable(node: SceneNode): boolean {
  return isCover(node) || (hasFills(node) && readRecord(node) !== undefined);
}

/** Every drawn layer in the selection, also where an instance hides it, one after another. */
export async function restore(figma: PluginAPI, selection: readonly SceneNode[]): Promise<Restored> {
  figma.skipInvisibleInstanceChildren = false;
  try {
    return await restoreAll(figma, selection);
  } finally {
    figma.skipInvisibleInstanceChildren = true;
  }
}

async function restoreAll(figma: PluginAPI, selection: readonly SceneNode[]): Promise<Restored> {
  const nodes = everyLayer(outermost(selection)).filter(isRestorable);
  const problems: string[] = [];
  for (const node of nodes) {
    const problem = await restoreOne(figma, node);
    if (problem !== undefined) problems.push(problem);
  }
  return { restored: nodes.length - problems.length, problems };
}

async function restoreOne(figma: PluginAPI, node: SceneNode): Promise<string | undefined> {
  if (node.removed) return DELETED;
  if (isLocked(node)) return `“${node.name}” is locked: unlock it to restore it.`;
  return isCover(node) ? uncover(figma, node) : restoreFills(figma, node as FillNode);
}

/** Shows the layer beneath again and takes the picture away; a picture whose layer is not found is all that there is. */
async function uncover(figma: PluginAPI, picture: SceneNode): Promise<string | undefined> {
  const beneath = await findBeneath(figma, picture);
  if (picture.removed) return DELETED;
  if (beneath === undefined) return lostWords(picture);
  unhide(beneath, readCover(picture) ?? {});
  writeCovered(beneath, '');
  takeAway(picture);
  return undefined;
}

/** Of an instance nothing can be removed. */
function takeAway(picture: SceneNode): void {
  if (isInInstance(picture)) {
    picture.visible = false;
    writeCover(picture, { version: 1 });
  } else picture.remove();
}

async function restoreFills(figma: PluginAPI, node: FillNode): Promise<string | undefined> {
  const record = readRecord(node);
  if (record === undefined) return undefined;
  const shown = imageHashes(fillsOf(node)).filter((hash) => hash in record.images);
  if (shown.length === 0)
    return forget(node, `“${node.name}” was given another fill since: it is left as it is.`);
  const missing = shown.find((hash) => figma.getImageByHash(record.images[hash].hash) === null);
  if (missing !== undefined) return `The original of “${node.name}” is no longer in this file.`;
  await setFills(node, originalFills(node, record, shown));
  await attachStyle(node, record);
  return forget(node, undefined);
}

function originalFills(
  node: FillNode,
  { images }: LayerRecord,
  shown: readonly string[],
): Parameters<typeof setFills>[1] {
  return shown.reduce(
    (fills, from) =>
      swapImage(fills, { from, to: images[from].hash, scale: 1 / images[from].scale }) ?? fills,
    [...fillsOf(node)],
  );
}

/** A style that was deleted since stays detached; the fill looks the same. */
async function attachStyle(node: FillNode, { styleId }: LayerRecord): Promise<void> {
  if (styleId !== undefined) await node.setFillStyleIdAsync(styleId).catch(() => undefined);
}

function forget(node: FillNode, problem: string | undefined): string | undefined {
  writeRecord(node, undefined);
  withdrawOffer(node);
  return problem;
}
