// Draws a layer as it looks: its picture is drawn and laid over it, or beside it.

import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import type { Settings } from '../../messages.js';
import { draw, type Run, throwIfCancelled } from '../bridge/draw.js';
import { Skipped } from '../bridge/failed.js';
import { isInLocked } from '../document/layers.js';
import { addPicture } from '../document/place.js';
import { readLook } from '../document/read.js';
import { writeCover } from '../document/record.js';
import { offerAgain } from '../document/write.js';
import { forFigma } from './fill-piece.js';

export async function drawLook(
  run: Run,
  node: SceneNode,
  { options, handling }: Settings,
  onProgress: (fraction: number, sentence: string) => void,
): Promise<void> {
  throwIfCancelled(run);
  checkFree(node);
  onProgress(0, 'Reading');
  const { bytes } = await readLook(node);
  const drawn = await draw(run, { bytes, options: forFigma(options) }, onProgress);
  throwIfCancelled(run);
  checkFree(node);
  layDown(run, node, { bytes: drawn.bytes, over: handling.target === 'replace' });
}

/** The layer itself is hidden, not changed: Restore shows it again and takes the picture away. */
function layDown(run: Run, node: SceneNode, { bytes, over }: { bytes: Uint8Array; over: boolean }): void {
  const sheet = addPicture(run.host.figma, node, { bytes, where: over ? 'over' : 'beside' });
  writeCover(sheet, { version: 1, ...(over ? { hides: node.id } : {}) });
  if (!over) return;
  offerAgain(sheet);
  node.visible = false;
}

function checkFree(node: SceneNode): void {
  if (node.removed) throw new Skipped('The layer was deleted meanwhile.');
  if (node.locked || isInLocked(node))
    throw new Skipped(`“${node.name}” is locked: unlock it to have it drawn.`);
}
