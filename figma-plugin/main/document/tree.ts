// The tree of layers: what contains what.

import type { PageNode, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';

type Container = NonNullable<SceneNode['parent']>;

/** The containers of a layer, the nearest first; the page and the document are among them. */
export function ancestors(node: SceneNode): Container[] {
  const parents: Container[] = [];
  for (let parent = node.parent; parent !== null && parent !== undefined; parent = parent.parent)
    parents.push(parent);
  return parents;
}

/** The page that a layer is on, which need not be the one that the user looks at. */
export function pageOf(node: SceneNode): PageNode {
  const page = ancestors(node).find((parent): parent is PageNode => parent.type === 'PAGE');
  if (page === undefined) throw new Error(`“${node.name}” is on no page`);
  return page;
}

export function childrenOf(node: SceneNode): readonly SceneNode[] {
  return 'children' in node ? (node.children as readonly SceneNode[]) : [];
}

/** The selection without layers that lie in other selected ones, or that an instance hides from the plugin. */
export function outermost(selection: readonly SceneNode[]): SceneNode[] {
  const selected = new Set(selection.map(({ id }) => id));
  const reachable = selection.filter(isReachable);
  return reachable.filter((node) => !ancestors(node).some(({ id }) => selected.has(id)));
}

/** Figma throws at every property of a layer that it skips. */
function isReachable(node: SceneNode): boolean {
  try {
    return node.visible !== undefined;
  } catch {
    return false;
  }
}

/** These layers and everything in them, also what is hidden. */
export function everyLayer(roots: readonly SceneNode[]): SceneNode[] {
  return roots.flatMap((node) => [node, ...everyLayer(childrenOf(node))]);
}

export function isLocked(node: SceneNode): boolean {
  return node.locked || isInLocked(node);
}

export function isInLocked(node: SceneNode): boolean {
  return ancestors(node).some((parent) => 'locked' in parent && parent.locked);
}

/** Not the instance itself, which can be moved and removed. */
export function isInInstance(node: SceneNode): boolean {
  return ancestors(node).some(({ type }) => type === 'INSTANCE');
}

/** Where a layer lies in a container: the index of each child on the way down. */
export function pathTo(node: SceneNode, container: SceneNode): number[] {
  if (node.id === container.id) return [];
  const parent = node.parent as SceneNode;
  return [...pathTo(parent, container), childrenOf(parent).findIndex(({ id }) => id === node.id)];
}

/** The way of `pathTo` in a copy of that container. */
export function follow(container: SceneNode, path: readonly number[]): SceneNode | undefined {
  return path.reduce<SceneNode | undefined>(
    (node, index) => (node === undefined ? undefined : childrenOf(node)[index]),
    container,
  );
}
