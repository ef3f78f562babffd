// Where copies and drawn pictures go: beside or over the layer, in a container that takes them.

import type {
  PluginAPI,
  RectangleNode,
  SceneNode,
  Transform,
} from '@figma/plugin-typings/plugin-api-standalone.js';
import { inverse, shift, times, widthOfAll } from './geometry.js';
import { type Home, homeOf } from './home.js';
import { lookOf } from './read.js';
import { pageOf } from './tree.js';

/** Between what is selected and the copies, in pixels of the canvas. */
const GAP_PX = 40;
/** How far to the right copies of these layers go, all by the same way: they lie as the layers do, and beside all of them. */
export function wayBeside(roots: readonly SceneNode[]): number {
  return widthOfAll(roots.flatMap(({ absoluteBoundingBox }) => absoluteBoundingBox ?? [])) + GAP_PX;
}

/** A copy of a layer, on the page, as a frame would cut it off; of a main component an instance, as a copy would be another. */
export function duplicate(node: SceneNode, wayPx: number): SceneNode {
  const copy = node.type === 'COMPONENT' ? node.createInstance() : clone(node);
  pageOf(node).appendChild(copy);
  copy.relativeTransform = times(shift(wayPx, 0), node.absoluteTransform);
  return copy;
}

/** A rectangle that shows the image on the page, so far to the right of the layer. */
export function addBeside(
  figma: PluginAPI,
  node: SceneNode,
  picture: { hash: string; wayPx: number },
): RectangleNode {
  const { x, y } = lookOf(node);
  const sheet = addSheet(figma, node, picture.hash);
  pageOf(node).appendChild(sheet);
  sheet.relativeTransform = shift(x + picture.wayPx, y);
  return sheet;
}

/** A rectangle that shows the image exactly over the layer. */
export function addOver(figma: PluginAPI, node: SceneNode, hash: string): RectangleNode {
  const { x, y } = lookOf(node);
  const sheet = addSheet(figma, node, hash);
  const container = putAbove(sheet, node);
  sheet.relativeTransform = times(inverse(gridOf(container)), shift(x, y));
  return sheet;
}

function addSheet(figma: PluginAPI, node: SceneNode, imageHash: string): RectangleNode {
  const { width, height } = lookOf(node);
  const sheet = figma.createRectangle();
  sheet.name = `${node.name} (drawn)`;
  sheet.resize(width, height);
  sheet.fills = [{ type: 'IMAGE', scaleMode: 'FILL', imageHash }];
  return sheet;
}

function putAbove(sheet: RectangleNode, node: SceneNode): Home['container'] {
  const { container, index } = homeOf(node);
  container.insertChild(index + 1, sheet);
  if ('layoutMode' in container && container.layoutMode !== 'NONE') sheet.layoutPositioning = 'ABSOLUTE';
  return container;
}

/** Containers may be moved, turned and mirrored; a page is not. */
function gridOf(container: Home['container']): Transform {
  return 'absoluteTransform' in container ? container.absoluteTransform : shift(0, 0);
}

/** Every layer that can be selected can be copied, which the type of some does not say. */
function clone(node: SceneNode): SceneNode {
  return (node as SceneNode & { clone(): SceneNode }).clone();
}
