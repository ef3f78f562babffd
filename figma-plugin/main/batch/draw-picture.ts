// Draws one picture for a layer: options that suit Figma, a drawing of the same shape, and the image in the document.

import type { PictureInfo } from '../../../shared/bridge/protocol.js';
import type { PartialBridgeOptions } from '../../../shared/options.js';
import { type Line, listStyles } from '../bridge/calls.js';
import { draw } from '../bridge/draw.js';
import { BridgeFailure } from '../bridge/failed.js';
import { mediaTypeOf } from '../bridge/media-type.js';
import { sameShape } from '../document/paints.js';
import type { Picture } from '../document/read.js';
import { addImage } from '../document/write.js';
import { type Run, throwIfCancelled } from '../running.js';

/** Told what is going on and how much is done, 0..1. */
export type OnProgress = (fraction: number, sentence: string) => void;

/** Hash of the drawing, and its size in pixels. */
export type DrawnImage = Pick<PictureInfo, 'width' | 'height'> & { hash: string };

export async function drawPicture(
  run: Run,
  sent: Picture,
  options: PartialBridgeOptions,
  onProgress: OnProgress,
): Promise<DrawnImage> {
  onProgress(0, 'Sending');
  const given = forFigma(options, sent.bytes);
  const { bytes, picture } = await draw(run, { bytes: sent.bytes, options: given }, onProgress);
  throwIfCancelled(run);
  if (!sameShape(picture, sent)) throw otherShape();
  return { hash: addImage(run.host.figma, bytes), width: picture.width, height: picture.height };
}

/**
 * Squares of faces fit no layer: a style that draws those by itself draws the faces into the picture. A bridge that does
 * not answer says so to the first layer.
 */
export async function withFittingScope(
  line: Line,
  options: PartialBridgeOptions,
): Promise<PartialBridgeOptions> {
  if ((options.scope ?? 'auto') !== 'auto') return options;
  const styles = await listStyles(line).catch(() => []);
  const style = styles.find(({ id }) => id === (options.style ?? DEFAULT_STYLE));
  return style?.scope === 'portrait' ? { ...options, scope: 'faces' } : options;
}
/** The bridge's own, which needs no other scope. */
const DEFAULT_STYLE = 'ink';

/** Figma shows PNG, JPEG and GIF; a photo that came as JPEG would grow tenfold as PNG. */
export function forFigma(options: PartialBridgeOptions, sent: Uint8Array): PartialBridgeOptions {
  const like = mediaTypeOf(sent) === 'image/jpeg' ? 'jpeg' : 'png';
  const format = options.format === 'jpeg' || options.format === 'png' ? options.format : like;
  return { ...options, format, sideBySide: undefined };
}

/** Crops would slip and layers be distorted. */
function otherShape(): BridgeFailure {
  const message = 'The drawing has another shape than the image';
  return new BridgeFailure({ code: 'options', message, hint: 'Choose the scope photo or faces.' });
}
