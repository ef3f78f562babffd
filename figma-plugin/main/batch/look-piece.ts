// Draws a layer as it looks: its picture is drawn and laid over it, or beside it, or takes the place of an earlier one.

import type { RectangleNode, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import type { Settings } from '../../messages.js';
import { Skipped } from '../bridge/failed.js';
import { cover, findBeneath, hide, isCover, unhide } from '../document/cover.js';
import { type FillNode, fillsOf } from '../document/layers.js';
import { whyNot } from '../document/looks.js';
import { imageHashes, swapImage } from '../document/paints.js';
import { addBeside, addOver } from '../document/place.js';
import { type Picture, readLook } from '../document/read.js';
import { readCover, writeCover } from '../document/record.js';
import { DELETED, lostWords } from '../document/sentences.js';
import { offerAgain, setFills } from '../document/write.js';
import { orUndo, type Run, throwIfCancelled } from '../running.js';
import { drawPicture, type OnProgress } from './draw-picture.js';
import type { Piece } from './piece.js';

interface Look {
  node: SceneNode;
  settings: Settings;
  /** How far to the right pictures beside the selection go. */
  wayPx: number;
}

export function lookPiece(run: Run, look: Look): Piece {
  let result: SceneNode | undefined;
  return {
    id: look.node.id,
    name: look.node.name,
    draw: async (onProgress) => {
      result = await drawLook(run, look, onProgress);
      return undefined;
    },
    undo: () => undefined,
    result: () => result,
  };
}

/** Resolves with the layer that shows the drawing. */
async function drawLook(run: Run, look: Look, onProgress: OnProgress): Promise<SceneNode> {
  throwIfCancelled(run);
  checkFree(look);
  onProgress(0, 'Reading');
  const seen = await (isCover(look.node) ? readBeneath(run, look.node) : readLook(look.node));
  const { hash } = await drawPicture(run, seen, look.settings.options, onProgress);
  checkFree(look);
  return show(run, look, hash);
}

/** A drawing is drawn again from the layer that it hides, which is shown as long as Figma looks at it. */
async function readBeneath(run: Run, picture: SceneNode): Promise<Picture> {
  const beneath = await findBeneath(run.host.figma, picture);
  if (beneath === undefined) throw new Skipped(lostWords(picture));
  const record = readCover(picture) ?? {};
  const again = (): void => {
    if (!beneath.removed) hide(beneath, record);
  };
  unhide(beneath, record);
  try {
    return await orUndo(run, again, () => readLook(beneath));
  } finally {
    again();
  }
}

async function show(run: Run, { node, settings, wayPx }: Look, hash: string): Promise<SceneNode> {
  const { figma } = run.host;
  if (settings.handling.target === 'duplicate') {
    const sheet = addBeside(figma, node, { hash, wayPx });
    writeCover(sheet, { version: 1 });
    return sheet;
  }
  if (isCover(node)) return exchange(node as FillNode, hash);
  return coverWith(addOver(figma, node, hash), node);
}

/** The layer itself is hidden, not changed: Restore shows it again and takes the picture away. */
function coverWith(sheet: RectangleNode, node: SceneNode): SceneNode {
  cover(sheet, node);
  offerAgain(sheet);
  return sheet;
}

async function exchange(picture: FillNode, to: string): Promise<SceneNode> {
  const fills = fillsOf(picture);
  const [from] = imageHashes(fills);
  if (from === undefined)
    throw new Skipped(`“${picture.name}” shows no drawing any more: it is left as it is.`);
  await setFills(picture, swapImage(fills, { from, to, scale: 1 }) ?? []);
  return picture;
}

function checkFree({ node, settings }: Look): void {
  if (node.removed) throw new Skipped(DELETED);
  const reason = whyNot(node, settings.handling.target);
  if (reason !== undefined) throw new Skipped(reason);
}
