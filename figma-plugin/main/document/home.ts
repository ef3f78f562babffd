// The container that takes a picture over a layer.

import type { ChildrenMixin, PageNode, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import { ancestors } from './tree.js';

/** Instances refuse new children; groups would change their own size. */
const TAKES_CHILDREN = new Set(['FRAME', 'COMPONENT', 'SECTION', 'PAGE']);

export interface Home {
  container: PageNode | (SceneNode & ChildrenMixin);
  /** Index of the child that the layer is or lies in: the picture goes right above that. */
  index: number;
}

/** The nearest that takes it and does not lie in an instance. */
export function homeOf(node: SceneNode): Home {
  const chain = [node, ...ancestors(node)];
  const inside = chain.map(({ type }) => type).lastIndexOf('INSTANCE');
  const at = chain.findIndex(({ type }, index) => index > Math.max(0, inside) && TAKES_CHILDREN.has(type));
  const container = chain[at] as Home['container'];
  return { container, index: container.children.findIndex(({ id }) => id === chain[at - 1].id) };
}
