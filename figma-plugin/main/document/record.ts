// What a drawn layer remembers in the document, so that Restore works after reopening the file, for everyone in it.

import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';

/** The image that a drawing replaced. */
export interface Original {
  hash: string;
  /** As in `Swap`, for the way back. */
  scale: number;
}

export interface LayerRecord {
  version: 1;
  /** Hash of the drawing -> what was there before. */
  images: Record<string, Original>;
  /** The fill style that drawing detached. */
  styleId?: string;
}

/** A picture of a layer as it looks. */
export interface CoverRecord {
  version: 1;
  /** Id of the layer beneath; undefined when the picture lies beside it. */
  hides?: string;
  /** The layer beneath carries the same: it survives that both are duplicated, which ids do not. */
  key?: string;
  /** Opacity of the layer beneath, where that was taken away instead of its visibility. */
  opacity?: number;
}

const ORIGINAL = 'original';
/** Name of the plugin data of such a picture. */
export const COVER = 'cover';
/** Name of the plugin data that marks the layer beneath. */
export const COVERED = 'covered';

export function readRecord(node: SceneNode): LayerRecord | undefined {
  const record = parse(node.getPluginData(ORIGINAL)) as LayerRecord | undefined;
  return record?.version === 1 && typeof record.images === 'object' ? record : undefined;
}

/** Forgets when there is nothing to remember. */
export function writeRecord(node: SceneNode, record: LayerRecord | undefined): void {
  node.setPluginData(ORIGINAL, record === undefined ? '' : JSON.stringify(record));
}

export function readCover(node: SceneNode): CoverRecord | undefined {
  const record = parse(node.getPluginData(COVER)) as CoverRecord | undefined;
  return record?.version === 1 ? record : undefined;
}

export function writeCover(node: SceneNode, record: CoverRecord): void {
  node.setPluginData(COVER, JSON.stringify(record));
}

/** The key of the picture over a layer; empty for layers that have none. */
export function readCovered(node: SceneNode): string {
  return node.getPluginData(COVERED);
}

export function writeCovered(node: SceneNode, key: string): void {
  node.setPluginData(COVERED, key);
}

/** Drawings are drawn from the photo, never from an earlier drawing; `hash` is what the layer shows now. */
export function originalOf(node: SceneNode, hash: string): Original {
  return readRecord(node)?.images[hash] ?? { hash, scale: 1 };
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
