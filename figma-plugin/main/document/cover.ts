// Pictures that lie over a layer which is hidden meanwhile: how both belong together, and how the layer is hidden.

import type { PluginAPI, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import { type Home, homeOf } from './home.js';
import {
  COVER,
  COVERED,
  type CoverRecord,
  readCover,
  readCovered,
  writeCover,
  writeCovered,
} from './record.js';
import { isInInstance, pageOf } from './tree.js';

/** Whether a layer is a picture that hides another layer. */
export function isCover(node: SceneNode): boolean {
  return readCover(node)?.hides !== undefined;
}

/** Whether a layer is hidden under a picture. */
export function isCovered(node: SceneNode): boolean {
  const faint = 'opacity' in node && node.opacity === 0;
  return (faint || !node.visible) && readCovered(node) !== '';
}

/** Hides the layer under the picture. */
export function cover(picture: SceneNode, node: SceneNode): void {
  const key = newKey();
  const opacity = keepsItsPlace(node) && 'opacity' in node ? node.opacity : undefined;
  writeCover(picture, { version: 1, hides: node.id, key, ...(opacity === undefined ? {} : { opacity }) });
  writeCovered(node, key);
  hide(node, { opacity });
}

/** As it was hidden by `cover`. */
export function hide(node: SceneNode, { opacity }: Pick<CoverRecord, 'opacity'>): void {
  if (opacity !== undefined && 'opacity' in node) node.opacity = 0;
  else node.visible = false;
}

/** Shows a layer that `hide` has hidden. */
export function unhide(node: SceneNode, { opacity }: Pick<CoverRecord, 'opacity'>): void {
  node.visible = true;
  if (opacity !== undefined && 'opacity' in node && node.opacity === 0) node.opacity = opacity;
}

/**
 * The layer under a picture: the one with its key that a picture here would lie over, so that a duplicated frame finds its
 * own; or, where one of both was moved, the only one with its key. Pictures without a key know the id of a layer beside them.
 */
export async function findBeneath(figma: PluginAPI, picture: SceneNode): Promise<SceneNode | undefined> {
  const { key, hides } = readCover(picture) ?? {};
  const marked = key === undefined ? undefined : (markedHere(picture, key) ?? onlyMarked(picture, key));
  if (marked !== undefined || hides === undefined) return marked;
  const node = (await figma.getNodeByIdAsync(hides)) as SceneNode | null;
  const together = node !== null && !node.removed && node.parent?.id === picture.parent?.id;
  return together ? node : undefined;
}

/** Of several, the next below the picture. */
function markedHere(picture: SceneNode, key: string): SceneNode | undefined {
  const { container, index } = homeOf(picture);
  const homes = markedIn(container, key).map((node) => ({ node, ...homeOf(node) }));
  const here = homes.filter((home) => home.container.id === container.id);
  const below = here.filter((home) => home.index < index);
  return (below[below.length - 1] ?? here[0])?.node;
}

function onlyMarked(picture: SceneNode, key: string): SceneNode | undefined {
  const page = pageOf(picture);
  const marked = markedIn(page, key);
  const pictures = withData(page, COVER).filter((node) => readCover(node)?.key === key);
  return marked.length === 1 && pictures.length === 1 ? marked[0] : undefined;
}

function markedIn(container: Home['container'], key: string): SceneNode[] {
  return withData(container, COVERED).filter((node) => readCovered(node) === key);
}

function withData(container: Home['container'], name: string): SceneNode[] {
  return container.findAllWithCriteria({ pluginData: { keys: [name] } });
}

/**
 * Hidden layers take no space in auto layout and leave boolean operations another shape; inside instances Figma hides
 * them from plugins too. Such layers become clear instead.
 */
function keepsItsPlace(node: SceneNode): boolean {
  const { parent } = node;
  if (parent === null) return false;
  const laidOut = 'layoutMode' in parent && parent.layoutMode !== 'NONE';
  return laidOut || isInInstance(node) || parent.type === 'BOOLEAN_OPERATION';
}

/** The sandbox has no `crypto`; a key need only differ from the others in its file. */
function newKey(): string {
  return Math.random().toString(36).slice(2) + Math.random().toString(36).slice(2);
}
