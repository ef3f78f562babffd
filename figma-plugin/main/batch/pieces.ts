// The work of a batch, one piece per layer: what is drawn and where the drawing goes.

import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import type { Settings } from '../../messages.js';
import type { Run } from '../bridge/draw.js';
import { findImages, outermost } from '../document/layers.js';
import { duplicate } from '../document/place.js';
import { type Drawings, drawLayer } from './fill-piece.js';
import { drawLook } from './look-piece.js';

export type OnProgress = (fraction: number, sentence: string) => void;

/** One layer of a batch. */
export interface Piece {
  id: string;
  name: string;
  draw(onProgress: OnProgress): Promise<void>;
  /** Takes back what was made for it in advance. */
  undo(): void;
}

/** Every layer that the settings say to draw, in the order of the selection. */
export function piecesFor(run: Run, settings: Settings, selection: readonly SceneNode[]): Piece[] {
  if (settings.handling.source === 'seen') return lookPieces(run, settings, selection);
  if (settings.handling.target === 'replace') return fillPieces(run, settings, selection, new Map());
  const drawings: Drawings = new Map();
  return outermost(selection).flatMap((root) => copyPieces(run, settings, root, drawings));
}

function lookPieces(run: Run, settings: Settings, selection: readonly SceneNode[]): Piece[] {
  return outermost(selection).map((node) => ({
    id: node.id,
    name: node.name,
    draw: (onProgress) => drawLook(run, node, settings, onProgress),
    undo: () => undefined,
  }));
}

function fillPieces(
  run: Run,
  settings: Settings,
  selection: readonly SceneNode[],
  drawings: Drawings,
): Piece[] {
  return findImages(selection).layers.map((layer) => ({
    id: layer.node.id,
    name: layer.node.name,
    draw: (onProgress) => drawLayer(run, layer, { options: settings.options, drawings }, onProgress),
    undo: () => undefined,
  }));
}

/** The copy is made first and drawn in; it goes away again when nothing in it was drawn. */
function copyPieces(run: Run, settings: Settings, root: SceneNode, drawings: Drawings): Piece[] {
  if (findImages([root]).layers.length === 0) return [];
  const copy = duplicate(run.host.figma, root);
  let left = 0;
  const pieces = fillPieces(run, settings, [copy], drawings).map((piece) => ({
    ...piece,
    undo: () => {
      left -= 1;
      if (left === 0 && !copy.removed) copy.remove();
    },
  }));
  left = pieces.length;
  return pieces;
}
