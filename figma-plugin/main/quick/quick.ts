// The commands that run without a window: a notice tells how far they are and can cancel them.

import type { NotificationHandler } from '@figma/plugin-typings/plugin-api-standalone.js';
import type { LayerProgress, Settings } from '../../messages.js';
import { piecesFor } from '../batch/pieces.js';
import { runBatch, sumUp } from '../batch/run-batch.js';
import { cancelRun, type Run } from '../bridge/draw.js';
import { findImages } from '../document/layers.js';
import { restore } from '../document/restore.js';
import type { Host } from '../host.js';

/** Figma cuts longer notices. */
const MOST_CHARACTERS = 100;

export async function quickStylize(run: Run, settings: Settings): Promise<string> {
  const { figma } = run.host;
  const pieces = piecesFor(run, settings, figma.currentPage.selection);
  if (pieces.length === 0)
    return findImages(figma.currentPage.selection).problems[0] ?? 'There is nothing to draw.';
  const notice = openNotice(run);
  try {
    const layers = await runBatch(run, pieces, (now) => notice.tell(noticeFor(now)));
    const sentences = layers.flatMap(({ sentence, state }) => (state === 'done' ? [] : (sentence ?? [])));
    return [sumUp(layers), ...sentences.slice(0, 1)].join(' ');
  } finally {
    notice.close();
  }
}

export async function quickRestore({ figma }: Host): Promise<string> {
  const { restored, problems } = await restore(figma, figma.currentPage.selection);
  if (restored > 0) figma.commitUndo();
  return restoredWords(restored, problems);
}

/** One line for the user. */
export function restoredWords(restored: number, problems: readonly string[]): string {
  if (restored + problems.length === 0) return 'Nothing that nigaoe drew is selected.';
  const sum = `${restored} ${restored === 1 ? 'layer' : 'layers'} restored.`;
  return [restored > 0 ? sum : undefined, ...problems.slice(0, 2)]
    .filter((part) => part !== undefined)
    .join(' ');
}

function noticeFor(layers: readonly LayerProgress[]): string {
  const at = layers.findIndex(({ state }) => state === 'reading' || state === 'drawing');
  const { name, fraction } = layers[Math.max(0, at)];
  return `Drawing ${Math.max(0, at) + 1} of ${layers.length}: ${name}, ${Math.round(fraction * 100)} %`;
}

/** Figma's notices cannot change their text: the old one goes when the next one comes. */
function openNotice(run: Run): { tell(text: string): void; close(): void } {
  let shown: { text: string; handler: NotificationHandler } | undefined;
  const cancel = (): void => void cancelRun(run);
  const tell = (text: string): void => {
    if (text === shown?.text) return;
    const button = { text: 'Cancel', action: cancel };
    const handler = run.host.figma.notify(text.slice(0, MOST_CHARACTERS), { timeout: Infinity, button });
    shown?.handler.cancel();
    shown = { text, handler };
  };
  return { tell, close: () => shown?.handler.cancel() };
}
