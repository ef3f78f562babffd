// The selection as layers: every one that lies in it, those with images, and a sentence for each that cannot be drawn.

import type {
  MinimalFillsMixin,
  Paint,
  PluginAPI,
  SceneNode,
} from '@figma/plugin-typings/plugin-api-standalone.js';
import { imageHashes } from './paints.js';

/** A layer that has fills. */
export type FillNode = Extract<SceneNode, MinimalFillsMixin>;

/** A layer with at least one image among its fills. */
export interface ImageLayer {
  node: FillNode;
  /** Each image once. */
  hashes: string[];
}

export interface Found {
  layers: ImageLayer[];
  /** One sentence for each thing that is left out, or that the user should know. */
  problems: string[];
}

interface Visit {
  node: SceneNode;
  locked: boolean;
}

/** Every image fill in the selection: frames, groups, components, instances and sections are looked through. */
export function findImages(selection: readonly SceneNode[]): Found {
  const visits = outermost(selection).flatMap((node) => walk(node, isInLocked(node)));
  const found = visits.map(lookAt);
  const layers = found.flatMap(({ layer }) => layer ?? []);
  const problems = found.flatMap(({ problem }) => problem ?? []);
  if (selection.length === 0) return { layers, problems: [EMPTY] };
  return { layers, problems: layers.length + problems.length === 0 ? [NO_IMAGES] : problems };
}
const EMPTY = 'Nothing is selected: select layers, frames or groups with images in them.';
const NO_IMAGES = 'There is no image fill in the selection; “As it looks” draws any layer.';

/** Every layer in the selection, itself included. */
export function everyLayer(selection: readonly SceneNode[]): SceneNode[] {
  return outermost(selection).flatMap((node) => walk(node, false).map((visit) => visit.node));
}

/** The selection without layers that lie in other selected ones. */
export function outermost(selection: readonly SceneNode[]): SceneNode[] {
  return selection.filter(
    (node) => !ancestors(node).some((parent) => selection.includes(parent as SceneNode)),
  );
}

export function isInLocked(node: SceneNode): boolean {
  return ancestors(node).some((parent) => 'locked' in parent && parent.locked);
}

/** The fills as they are now; none for layers whose text has several. */
export function fillsOf(node: FillNode): readonly Paint[] {
  return Array.isArray(node.fills) ? (node.fills as readonly Paint[]) : [];
}

export function hasFills(node: SceneNode): node is FillNode {
  return 'fills' in node;
}

/** The layer, unless somebody has removed it meanwhile. */
export async function nodeById(figma: PluginAPI, id: string): Promise<SceneNode | undefined> {
  const node = await figma.getNodeByIdAsync(id);
  return node === null || node.removed ? undefined : (node as SceneNode);
}

/** The containers of a layer, the nearest first; the page and the document are among them. */
export function ancestors(node: SceneNode): NonNullable<SceneNode['parent']>[] {
  const parents: NonNullable<SceneNode['parent']>[] = [];
  for (let parent = node.parent; parent !== null && parent !== undefined; parent = parent.parent)
    parents.push(parent);
  return parents;
}

function walk(node: SceneNode, inLocked: boolean): Visit[] {
  const locked = inLocked || node.locked;
  const children: readonly SceneNode[] = 'children' in node ? (node.children as readonly SceneNode[]) : [];
  return [{ node, locked }, ...children.flatMap((child) => walk(child, locked))];
}

function lookAt({ node, locked }: Visit): { layer?: ImageLayer; problem?: string } {
  if (!hasFills(node)) return {};
  if (!Array.isArray(node.fills)) return { problem: mixed(node) };
  const fills = fillsOf(node);
  const hashes = imageHashes(fills);
  if (hashes.length === 0) return fills.some(({ type }) => type === 'VIDEO') ? { problem: video(node) } : {};
  if (locked) return { problem: `“${node.name}” is locked: unlock it to have it drawn.` };
  return { layer: { node, hashes }, problem: toKnow(node, fills) };
}

function toKnow(node: FillNode, fills: readonly Paint[]): string | undefined {
  if (typeof node.fillStyleId === 'string' && node.fillStyleId !== '')
    return `“${node.name}” takes its fill from a style: drawing detaches it, Restore original attaches it again.`;
  if (fills.some(({ type }) => type === 'VIDEO')) return video(node);
  if (node.type === 'COMPONENT') return `“${node.name}” is a main component: its instances change with it.`;
  return undefined;
}

function video({ name }: SceneNode): string {
  return `“${name}” has a video fill, which Figma gives to no plugin: “As it looks” draws its still.`;
}

function mixed({ name }: SceneNode): string {
  return `“${name}” has different fills in different parts of its text: “As it looks” draws it.`;
}
