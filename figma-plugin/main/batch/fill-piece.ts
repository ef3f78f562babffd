// Draws the images of one layer and writes them back; an image that several layers show is drawn once.

import type { PartialBridgeOptions } from '../../../shared/options.js';
import { isAnimatedGif } from '../bridge/gif.js';
import type { ImageLayer } from '../document/layers.js';
import type { Size } from '../document/paints.js';
import { readImage } from '../document/read.js';
import { originalOf } from '../document/record.js';
import { checkStill, offerAgain, type Replacement, replaceImages, shows } from '../document/write.js';
import { type Run, throwIfCancelled } from '../running.js';
import { drawPicture, type OnProgress } from './draw-picture.js';

/** What is common to the layers of a batch. */
export interface Task {
  options: PartialBridgeOptions;
  /** What the images became, by the hash of the original. */
  drawings: Map<string, Promise<Drawing>>;
  /** What layers show now, by the hash of what they showed: instances follow their component. */
  became: Map<string, string>;
}
interface Drawing {
  hash: string;
  /** Pixels of the original per pixel of the drawing. */
  scale: number;
  /** What the user should know of it. */
  sentence: string | undefined;
}

export function openTask(options: PartialBridgeOptions): Task {
  return { options, drawings: new Map(), became: new Map() };
}

/** All images of the layer are drawn before the first is written: a layer is never left half drawn. */
export async function drawLayer(
  run: Run,
  { node, hashes }: ImageLayer,
  task: Task,
  onProgress: OnProgress,
): Promise<string | undefined> {
  const todo = hashes.filter((shown) => !hasFollowed(node, shown, task));
  const drawn: Drawn[] = [];
  for (const [index, shown] of todo.entries())
    drawn.push(
      await drawShown(run, { node, shown }, task, (fraction, sentence) =>
        onProgress((index + fraction) / todo.length, sentence),
      ),
    );
  throwIfCancelled(run);
  if (drawn.length > 0) await write(node, drawn, task);
  return drawn.find(({ sentence }) => sentence !== undefined)?.sentence;
}
type Drawn = Replacement & Pick<Drawing, 'sentence'>;

/** Whether an instance has changed with its component, which was drawn before it; the same drawing may have come of it. */
function hasFollowed(node: ImageLayer['node'], shown: string, { became }: Task): boolean {
  const now = became.get(shown);
  return now !== undefined && shows(node, now) && (now === shown || !shows(node, shown));
}

async function drawShown(
  run: Run,
  { node, shown }: { node: ImageLayer['node']; shown: string },
  task: Task,
  onProgress: OnProgress,
): Promise<Drawn> {
  throwIfCancelled(run);
  checkStill(node, shown);
  const original = originalOf(node, shown);
  const { hash, scale, sentence } = await drawOnce(run, original.hash, task, onProgress);
  return { shown, original, drawn: hash, scale, sentence };
}

async function write(node: ImageLayer['node'], drawn: readonly Drawn[], { became }: Task): Promise<void> {
  await replaceImages(node, drawn);
  offerAgain(node);
  for (const { shown, drawn: now } of drawn) became.set(shown, now);
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
  onProgress(0, 'Reading');
  const { original, ...sent } = await readImage(run, hash);
  const drawn = await drawPicture(run, sent, options, onProgress);
  const sentence = isAnimatedGif(sent.bytes) ? STILL : undefined;
  return { hash: drawn.hash, scale: longSide(original) / longSide(drawn), sentence };
}
const STILL = 'It was an animated GIF: the drawing of its first picture stands still.';

/** Of either side: EXIF may have turned one of the two. */
function longSide({ width, height }: Size): number {
  return Math.max(width, height);
}
