// Draws the images of one layer and writes them back; an image that several layers show is drawn once.

import type { PartialOptions } from '../../../shared/options.js';
import { draw, type Run, throwIfCancelled } from '../bridge/draw.js';
import { BridgeFailure } from '../bridge/failed.js';
import type { ImageLayer } from '../document/layers.js';
import { sameShape } from '../document/paints.js';
import { readImage } from '../document/read.js';
import { originalOf } from '../document/record.js';
import { addImage, checkStill, offerAgain, replaceImage } from '../document/write.js';

/** What the images of a batch became, by the hash of the original. */
export type Drawings = Map<string, Promise<Drawing>>;
interface Drawing {
  hash: string;
  /** Pixels of the original per pixel of the drawing. */
  scale: number;
}
interface Task {
  options: PartialOptions;
  drawings: Drawings;
}
type OnProgress = (fraction: number, sentence: string) => void;

export async function drawLayer(
  run: Run,
  { node, hashes }: ImageLayer,
  task: Task,
  onProgress: OnProgress,
): Promise<void> {
  for (const [index, shown] of hashes.entries()) {
    throwIfCancelled(run);
    checkStill(node, shown);
    const original = originalOf(node, shown);
    const drawing = await drawOnce(run, original.hash, task, (fraction, sentence) =>
      onProgress((index + fraction) / hashes.length, sentence),
    );
    throwIfCancelled(run);
    await replaceImage(node, { shown, original, drawn: drawing.hash, scale: drawing.scale });
  }
  offerAgain(node);
}

/** A failure is remembered as well: the next layer with this image fails the same way, without asking again. */
function drawOnce(run: Run, hash: string, task: Task, onProgress: OnProgress): Promise<Drawing> {
  const known = task.drawings.get(hash);
  if (known !== undefined) return known;
  const drawing = drawImage(run, hash, task, onProgress);
  task.drawings.set(hash, drawing);
  return drawing;
}

async function drawImage(
  run: Run,
  hash: string,
  { options }: Task,
  onProgress: OnProgress,
): Promise<Drawing> {
  const { figma } = run.host;
  onProgress(0, 'Reading');
  const { bytes, original, ...sent } = await readImage(figma, hash);
  onProgress(0, 'Sending');
  const { bytes: result, picture } = await draw(run, { bytes, options: forFigma(options) }, onProgress);
  if (!sameShape(picture, sent)) throw otherShape();
  return { hash: addImage(figma, result), scale: original.width / picture.width };
}

/** Figma shows PNG, JPEG and GIF, and a drawing must have the shape of the photo, or crops would slip. */
export function forFigma(options: PartialOptions): PartialOptions {
  const format = options.format === 'jpeg' ? 'jpeg' : 'png';
  return { ...options, format, sideBySide: undefined };
}

function otherShape(): BridgeFailure {
  const message = 'The drawing has another shape than the image, so that the fill would slip';
  return new BridgeFailure({ code: 'options', message, hint: 'Choose the scope photo or faces.' });
}
