// Draws the layers of a batch one after another, so that a cancelled batch leaves whole layers, and tells how far it is.

import type { LayerProgress, LayerState } from '../../messages.js';
import { cancelRun, type Run } from '../bridge/draw.js';
import { Cancelled, isLost, Skipped, sentenceOf } from '../bridge/failed.js';
import type { Piece } from './pieces.js';

/** One undo step for all; resolves with how each layer ended. */
export async function runBatch(
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
  run.host.figma.commitUndo();
  return layers;
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

async function drawPiece(
  run: Run,
  piece: Piece,
  tell: (change: Partial<LayerProgress>) => void,
): Promise<void> {
  try {
    tell({ state: 'reading', sentence: undefined });
    await piece.draw((fraction, sentence) => tell({ state: 'drawing', fraction, sentence }));
    tell({ state: 'done', fraction: 1, sentence: undefined });
  } catch (error) {
    piece.undo();
    const lost = isLost(error) && !run.cancelled;
    tell({ state: stateFor(run, error), sentence: run.cancelled ? undefined : sentenceOf(error) });
    if (lost) await cancelRun(run);
  }
}

function stateFor({ cancelled }: Run, error: unknown): LayerState {
  if (cancelled || error instanceof Cancelled) return 'cancelled';
  return error instanceof Skipped ? 'skipped' : 'failed';
}

function waiting(id: string, name: string): LayerProgress {
  return { id, name, state: 'waiting', fraction: 0 };
}
