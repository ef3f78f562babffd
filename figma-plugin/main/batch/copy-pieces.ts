// Draws in copies beside the selection. A copy is made when its first layer is drawn, and goes again while nothing in it is.

import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import { Skipped } from '../bridge/failed.js';
import { type FillNode, findImages, type ImageLayer } from '../document/layers.js';
import { duplicate, wayBeside } from '../document/place.js';
import { readRecord, writeRecord } from '../document/record.js';
import { DELETED } from '../document/sentences.js';
import { follow, pathTo } from '../document/tree.js';
import type { Run } from '../running.js';
import type { OnProgress } from './draw-picture.js';
import { drawLayer, type Task } from './fill-piece.js';
import type { Piece } from './piece.js';

interface Copy {
  root: SceneNode;
  layers: readonly ImageLayer[];
  wayPx: number;
  /** The copy, while there is one. */
  node?: SceneNode;
  /** Layers of the copy, by the id of what they are copies of. */
  copies: Map<string, SceneNode>;
  drawn: number;
}

/** All copies lie equally far to the right, so that none covers what was selected. */
export function copyPieces(run: Run, task: Task, roots: readonly SceneNode[]): Piece[] {
  const wayPx = wayBeside(roots);
  return roots.flatMap((root) => {
    const { layers } = findImages([root], 'duplicate');
    const copy: Copy = { root, layers, wayPx, copies: new Map(), drawn: 0 };
    return layers.map((layer) => pieceIn(run, task, copy, layer));
  });
}

function pieceIn(run: Run, task: Task, copy: Copy, layer: ImageLayer): Piece {
  return {
    id: layer.node.id,
    name: layer.node.name,
    draw: (onProgress) => drawIn(run, task, { copy, layer }, onProgress),
    undo: () => {
      if (copy.drawn === 0) takeAway(copy);
    },
    result: () => (copy.drawn > 0 ? copy.node : undefined),
  };
}

async function drawIn(
  run: Run,
  task: Task,
  { copy, layer }: { copy: Copy; layer: ImageLayer },
  onProgress: OnProgress,
): Promise<string | undefined> {
  if (copy.node === undefined) make(copy);
  const node = copy.copies.get(layer.node.id);
  if (node === undefined) throw new Skipped(DELETED);
  const sentence = await drawLayer(run, { node: node as FillNode, hashes: layer.hashes }, task, onProgress);
  copy.drawn += 1;
  return sentence;
}

/** What is a layer of the copy is found now: the original may change later. */
function make(copy: Copy): void {
  if (copy.root.removed) throw new Skipped(DELETED);
  const made = duplicate(copy.root, copy.wayPx);
  copy.node = made;
  for (const { node } of copy.layers.filter((layer) => !layer.node.removed)) {
    const twin = follow(made, pathTo(node, copy.root));
    if (twin !== undefined) copy.copies.set(node.id, remembering(twin, node));
  }
}

/** Instances do not take over what their component remembers. */
function remembering(twin: SceneNode, node: SceneNode): SceneNode {
  if (readRecord(twin) === undefined) writeRecord(twin, readRecord(node));
  return twin;
}

function takeAway(copy: Copy): void {
  if (copy.node !== undefined && !copy.node.removed) copy.node.remove();
  copy.node = undefined;
  copy.copies.clear();
}
