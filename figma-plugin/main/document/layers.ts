// The selection as layers with images, and a sentence for each that cannot be drawn or that the user should know of.

import type { MinimalFillsMixin, Paint, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import type { Handling } from '../../messages.js';
import { isCover, isCovered } from './cover.js';
import { imageHashes, visible } from './paints.js';
import {
  componentWords,
  coveredWords,
  coverWords,
  hiddenWords,
  lockedWords,
  mixedWords,
  nothingIn,
  styledWords,
  videoWords,
} from './sentences.js';
import { childrenOf, isInLocked } from './tree.js';

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
  /** One sentence for each thing that is not drawn. */
  leftOut: string[];
  /** One sentence for each thing that is drawn, but not as one might think. */
  toKnow: string[];
}

interface Visit {
  node: SceneNode;
  locked: boolean;
}
interface Look {
  layer?: ImageLayer;
  leftOut?: string;
  toKnow?: string;
}

/** Every image that is seen in these layers: frames, groups, components, instances and sections are looked through. */
export function findImages(roots: readonly SceneNode[], target: Handling['target']): Found {
  const visits = roots.flatMap((node) => walk(node, isInLocked(node)));
  const looks = visits.map((visit) => lookAt(visit, target));
  const layers = looks.flatMap(({ layer }) => layer ?? []);
  const unseen = roots.flatMap((root) => whyHidden(root) ?? []);
  const leftOut = [...unseen, ...looks.flatMap((look) => look.leftOut ?? [])];
  const toKnow = looks.flatMap((look) => look.toKnow ?? []);
  return { layers, leftOut: layers.length + leftOut.length > 0 ? leftOut : [nothingIn(roots)], toKnow };
}

/** Why a selected layer is not seen; undefined where it is. */
export function whyHidden(root: SceneNode): string | undefined {
  if (isCovered(root)) return coveredWords(root);
  return root.visible ? undefined : hiddenWords(root);
}

/** The fills as they are now; none for layers whose text has several. */
export function fillsOf(node: FillNode): readonly Paint[] {
  return Array.isArray(node.fills) ? (node.fills as readonly Paint[]) : [];
}

export function hasFills(node: SceneNode): node is FillNode {
  return 'fills' in node;
}

function walk(node: SceneNode, inLocked: boolean): Visit[] {
  if (!node.visible || isCovered(node)) return [];
  const locked = inLocked || node.locked;
  return [{ node, locked }, ...childrenOf(node).flatMap((child) => walk(child, locked))];
}

function lookAt({ node, locked }: Visit, target: Handling['target']): Look {
  if (!hasFills(node)) return {};
  if (!Array.isArray(node.fills)) return hasImageInText(node) ? { leftOut: mixedWords(node) } : {};
  if (isCover(node)) return { leftOut: coverWords(node) };
  const fills = visible(fillsOf(node));
  const hashes = imageHashes(fills);
  if (hashes.length === 0) return fills.some(isVideo) ? { leftOut: videoWords(node) } : {};
  if (locked && target === 'replace') return { leftOut: lockedWords(node) };
  return { layer: { node, hashes }, toKnow: toKnow(node, fills, target) };
}

function toKnow(node: FillNode, fills: readonly Paint[], target: Handling['target']): string | undefined {
  const replaced = target === 'replace';
  if (replaced && typeof node.fillStyleId === 'string' && node.fillStyleId !== '') return styledWords(node);
  if (fills.some(isVideo)) return videoWords(node);
  return replaced && node.type === 'COMPONENT' ? componentWords(node) : undefined;
}

function hasImageInText(node: FillNode): boolean {
  if (node.type !== 'TEXT') return false;
  return node.getStyledTextSegments(['fills']).some(({ fills }) => imageHashes(visible(fills)).length > 0);
}

function isVideo({ type }: Paint): boolean {
  return type === 'VIDEO';
}
