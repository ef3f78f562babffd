// Where the layers of the fake document lie: frames have grids of their own, groups have not, auto layout places its children.

import type { Rect, Transform } from '@figma/plugin-typings/plugin-api-standalone.js';
import { inverse, shift, times } from '../../../figma-plugin/main/document/geometry.js';
import type { FakeLayer, Raw } from './world.js';

/** Their children lie on the grid of the next container. */
const WITHOUT_GRID = ['GROUP', 'BOOLEAN_OPERATION'];

/** Relative to the nearest container with a grid. */
export function relativeOf(layer: FakeLayer, raw: Raw): Transform {
  const [[a, c], [b, d]] = raw.relativeTransform;
  const start = flowStart(layer);
  if (start === undefined) return raw.relativeTransform;
  return [
    [a, c, start.x],
    [b, d, start.y],
  ];
}

export function absoluteOf(layer: FakeLayer): Transform {
  const grid = gridOf(layer);
  return grid === null ? layer.relativeTransform : times(grid.absoluteTransform, layer.relativeTransform);
}

/** Groups have no place of their own: moving one moves what is in it. */
export function move(layer: FakeLayer, raw: Raw, to: Transform): void {
  const way = times(to, inverse(raw.relativeTransform));
  raw.relativeTransform = to;
  if (!WITHOUT_GRID.includes(raw.type)) return;
  for (const child of layer.children ?? []) child.relativeTransform = times(way, child.relativeTransform);
}

/** The upright rectangle around a layer. */
export function boundsOf(layer: FakeLayer): Rect {
  const { children = [] } = layer;
  if (layer.type === 'GROUP' && children.length > 0) return around(children.flatMap(cornersOf));
  return around(cornersOf(layer));
}

/** Auto layout makes frames as long as what stands in them. */
export function sizeOf(raw: Raw): { width: number; height: number } {
  const { layoutMode, children = [], width = 0, height = 0 } = raw;
  const sum = (side: 'width' | 'height'): number =>
    children.filter(flows).reduce((length, child) => length + child[side], 0);
  if (layoutMode === 'HORIZONTAL') return { width: sum('width'), height };
  return layoutMode === 'VERTICAL' ? { width, height: sum('height') } : { width, height };
}

/** Seen together with all that it lies in. */
export function isSeen(layer: FakeLayer): boolean {
  return layer.visible && (layer.parent === null || isSeen(layer.parent));
}

/** Whether a layer is an instance or lies in one. */
export function isInInstance(layer: FakeLayer | null): boolean {
  return layer !== null && (layer.type === 'INSTANCE' || isInInstance(layer.parent));
}

/** Where auto layout puts a layer: after those before it. */
function flowStart(layer: FakeLayer): { x: number; y: number } | undefined {
  const { parent } = layer;
  const mode = parent?.layoutMode ?? 'NONE';
  if (mode === 'NONE' || layer.layoutPositioning !== 'AUTO') return undefined;
  const siblings = (parent?.children ?? []).filter(flows);
  const before = siblings.slice(0, Math.max(0, siblings.indexOf(layer)));
  return mode === 'HORIZONTAL'
    ? { x: before.reduce((sum, { width }) => sum + width, 0), y: 0 }
    : { x: 0, y: before.reduce((sum, { height }) => sum + height, 0) };
}

/** Hidden layers take no space. */
function flows({ visible, layoutPositioning }: FakeLayer): boolean {
  return visible && layoutPositioning === 'AUTO';
}

function gridOf({ parent }: FakeLayer): FakeLayer | null {
  if (parent === null || parent.type === ('PAGE' as string)) return null;
  return WITHOUT_GRID.includes(parent.type) ? gridOf(parent) : parent;
}

function cornersOf(layer: FakeLayer): { x: number; y: number }[] {
  const { absoluteTransform, width, height } = layer;
  return [shift(0, 0), shift(width, 0), shift(0, height), shift(width, height)].map((corner) => {
    const [[, , x], [, , y]] = times(absoluteTransform, corner);
    return { x, y };
  });
}

function around(points: readonly { x: number; y: number }[]): Rect {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
