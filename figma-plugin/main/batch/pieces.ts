// The work of a batch, one piece per layer: what is drawn and where the drawing goes.

import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import type { Settings } from '../../messages.js';
import { findImages, type ImageLayer } from '../document/layers.js';
import { findLooks } from '../document/looks.js';
import { wayBeside } from '../document/place.js';
import { outermost } from '../document/tree.js';
import type { Run } from '../running.js';
import { copyPieces } from './copy-pieces.js';
import { drawLayer, openTask, type Task } from './fill-piece.js';
import { lookPiece } from './look-piece.js';
import type { Piece } from './piece.js';

export interface Work {
  pieces: Piece[];
  /** One sentence for each layer that is not drawn; at least one where nothing is. */
  leftOut: string[];
}

/** Every layer that the settings say to draw, in the order of the selection. */
export function planWork(run: Run, settings: Settings, selection: readonly SceneNode[]): Work {
  const { source, target } = settings.handling;
  const roots = outermost(selection);
  if (source === 'seen') return planLooks(run, settings, roots);
  const { layers, leftOut } = findImages(roots, target);
  const task = openTask(settings.options);
  const pieces =
    target === 'replace' ? layers.map((layer) => fillPiece(run, task, layer)) : copyPieces(run, task, roots);
  return { pieces, leftOut };
}

function planLooks(run: Run, settings: Settings, roots: readonly SceneNode[]): Work {
  const { nodes, leftOut } = findLooks(roots, settings.handling.target);
  const wayPx = wayBeside(nodes);
  return { pieces: nodes.map((node) => lookPiece(run, { node, settings, wayPx })), leftOut };
}

function fillPiece(run: Run, task: Task, layer: ImageLayer): Piece {
  return {
    id: layer.node.id,
    name: layer.node.name,
    draw: (onProgress) => drawLayer(run, layer, task, onProgress),
    undo: () => undefined,
    result: () => undefined,
  };
}
