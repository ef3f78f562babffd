// Where copies and drawn pictures go: beside or over the layer, in a container that takes them.

import type {
  ChildrenMixin,
  PageNode,
  PluginAPI,
  RectangleNode,
  SceneNode,
} from '@figma/plugin-typings/plugin-api-standalone.js';
import { ancestors } from './layers.js';
import { lookOf, type Picture } from './read.js';
import { addImage } from './write.js';

/** Between a layer and its copy, in pixels of the canvas. */
const GAP_PX = 40;
/** Instances refuse new children; groups and auto layout would change their own size. */
const TAKES_CHILDREN = new Set(['FRAME', 'COMPONENT', 'SECTION', 'PAGE']);

type Container = PageNode | (SceneNode & ChildrenMixin);

/** A copy of a layer to its right, on the page: a frame would cut it off. */
export function duplicate(figma: PluginAPI, node: SceneNode): SceneNode {
  const { x, y, width } = node.absoluteBoundingBox ?? lookOf(node);
  const copy = (node as SceneNode & { clone(): SceneNode }).clone();
  figma.currentPage.appendChild(copy);
  moveTo(copy, { x: x + width + GAP_PX, y });
  return copy;
}

/** A rectangle that shows the picture, exactly over the layer or to its right. */
export function addPicture(
  figma: PluginAPI,
  node: SceneNode,
  { bytes, where }: Pick<Picture, 'bytes'> & { where: 'over' | 'beside' },
): RectangleNode {
  const imageHash = addImage(figma, bytes);
  const { x, y, width, height } = lookOf(node);
  const sheet = figma.createRectangle();
  sheet.name = `${node.name} (drawn)`;
  sheet.resize(width, height);
  sheet.fills = [{ type: 'IMAGE', scaleMode: 'FILL', imageHash }];
  const container = where === 'over' ? putAbove(figma, sheet, node) : putOnPage(figma, sheet);
  const corner =
    'absoluteTransform' in container
      ? container.absoluteTransform
      : [
          [1, 0, 0],
          [0, 1, 0],
        ];
  sheet.x = x + (where === 'over' ? 0 : width + GAP_PX) - corner[0][2];
  sheet.y = y - corner[1][2];
  return sheet;
}

function putOnPage(figma: PluginAPI, sheet: SceneNode): PageNode {
  figma.currentPage.appendChild(sheet);
  return figma.currentPage;
}

/** Right above the layer where its container allows that, else above the outermost thing that refuses. */
function putAbove(figma: PluginAPI, sheet: RectangleNode, node: SceneNode): Container {
  const chain = [node, ...ancestors(node)];
  const inside = chain.map(({ type }) => type).lastIndexOf('INSTANCE');
  const at = chain.findIndex((parent, index) => index > Math.max(0, inside) && takes(parent));
  const container = at > 0 ? (chain[at] as Container) : figma.currentPage;
  const below =
    at > 0 ? container.children.indexOf(chain[at - 1] as SceneNode) : container.children.length - 1;
  container.insertChild(below + 1, sheet);
  if ('layoutMode' in container && container.layoutMode !== 'NONE') sheet.layoutPositioning = 'ABSOLUTE';
  return container;
}

/** Turned frames have another grid of coordinates. */
function takes(parent: SceneNode | NonNullable<SceneNode['parent']>): boolean {
  const turned = 'absoluteTransform' in parent && parent.absoluteTransform[0][1] !== 0;
  return TAKES_CHILDREN.has(parent.type) && !turned;
}

/** Moves a layer of the page by the difference on the canvas, which works for turned layers too. */
function moveTo(node: SceneNode, { x, y }: { x: number; y: number }): void {
  const now = node.absoluteBoundingBox ?? lookOf(node);
  node.x += x - now.x;
  node.y += y - now.y;
}
