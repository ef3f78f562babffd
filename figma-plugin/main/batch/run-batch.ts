// Draws the layers of a batch one after another, so that a cancelled batch leaves whole layers, and tells how far it is.

import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import type { LayerProgress, LayerState, Settings } from '../../messages.js';
import { Cancelled, isCommon, Skipped, sentenceOf } from '../bridge/failed.js';
import { pageOf } from '../document/tree.js';
import { cancelRun, orUndo, type Run, throwIfCancelled } from '../running.js';
import { withFittingScope } from './draw-picture.js';
import type { Piece } from './piece.js';
import { planWork } from './pieces.js';

/** How a batch ended. */
export interface Outcome {
  layers: LayerProgress[];
  /** One sentence for each layer that could not be part of it; at least one where there was none. */
  leftOut: string[];
}

/** Draws the selection in one undo step, and selects what is new. */
export async function drawSelection(
  run: Run,
  { options, handling }: Settings,
  onLayers: (layers: LayerProgress[]) => void,
): Promise<Outcome> {
  const { figma } = run.host;
  const fitting = { options: await withFittingScope(run.line, options), handling };
  const { pieces, leftOut } = planWork(run, fitting, figma.currentPage.selection);
  if (pieces.length === 0) return { layers: [], leftOut };
  const layers = await runBatch(run, pieces, onLayers);
  select(run, pieces);
  figma.commitUndo();
  return { layers, leftOut };
}

/** How a finished batch is summed up, in one line. */
export function sumUp(layers: readonly LayerProgress[]): string {
  const count = (state: LayerState): number => layers.filter((layer) => layer.state === state).length;
  const done = count('done');
  const parts = [
    `${done} ${done === 1 ? 'layer' : 'layers'} drawn`,
    ...(['failed', 'skipped', 'cancelled'] as const).flatMap((state) =>
      count(state) > 0 ? `${count(state)} ${state}` : [],
    ),
  ];
  return parts.join(', ') + '.';
}

async function runBatch(
  run: Run,
  pieces: readonly Piece[],
  onLayers: (layers: LayerProgress[]) => void,
): Promise<LayerProgress[]> {
  const layers = pieces.map(({ id, name }) => waiting(id, name));
  const tell = (index: number, change: Partial<LayerProgress>): void => {
    layers[index] = { ...layers[index], ...change };
    onLayers([...layers]);
  };
  onLayers([...layers]);
  for (const [index, piece] of pieces.entries()) await drawPiece(run, piece, (change) => tell(index, change));
  return layers;
}

async function drawPiece(
  run: Run,
  piece: Piece,
  tell: (change: Partial<LayerProgress>) => void,
): Promise<void> {
  try {
    throwIfCancelled(run);
    tell({ state: 'reading', sentence: undefined });
    const drawing = (fraction: number, sentence: string): void =>
      tell({ state: 'drawing', fraction, sentence });
    const sentence = await orUndo(run, piece.undo, () => piece.draw(drawing));
    tell({ state: 'done', fraction: 1, sentence });
  } catch (error) {
    piece.undo();
    const common = isCommon(error) && !run.cancelled;
    tell({ state: stateFor(run, error), sentence: run.cancelled ? undefined : sentenceOf(error) });
    if (common) await cancelRun(run);
  }
}

function stateFor({ cancelled }: Run, error: unknown): LayerState {
  if (cancelled || error instanceof Cancelled) return 'cancelled';
  return error instanceof Skipped ? 'skipped' : 'failed';
}

function waiting(id: string, name: string): LayerProgress {
  return { id, name, state: 'waiting', fraction: 0 };
}

/** The user may look at another page by now: that one's selection is left alone. */
function select({ host: { figma } }: Run, pieces: readonly Piece[]): void {
  const results = new Map<string, SceneNode>();
  for (const result of pieces.map((piece) => piece.result()))
    if (result !== undefined && !result.removed) results.set(result.id, result);
  const here = [...results.values()].filter((node) => pageOf(node).id === figma.currentPage.id);
  if (here.length > 0) figma.currentPage.selection = here;
}
