// The picture in the middle of the page: the photo, then photo and drawing with a divider between them.

import { find, show } from './dom.js';

const canvas = find('canvas', HTMLDivElement);
const frame = find('frame', HTMLDivElement);
const before = find('before', HTMLImageElement);
const after = find('after', HTMLImageElement);
const split = find('split', HTMLInputElement);
const noPreview = find('no-preview', HTMLParagraphElement);

/** Largest enlargement of a small picture on the screen. */
const MAX_ZOOM = 2;

/** `compare` has the divider, `single` the drawing alone. */
type CanvasState = 'empty' | 'photo' | 'compare' | 'single';

split.addEventListener('input', moveDivider);

/** Shows the photo alone; browsers cannot show every format that nigaoe reads. */
export async function showPhoto(photo: File): Promise<void> {
  setState('photo');
  show(after, false);
  const shown = await load(before, photo);
  show(noPreview, !shown);
  show(before, shown);
  noPreview.textContent = `This browser cannot show ${photo.name}.`;
  frameFor(shown ? before : undefined);
}

/** Shows a drawing, with a divider where it covers the same frame as the photo. */
export async function showDrawing(drawing: Blob, covers: boolean): Promise<void> {
  await load(after, drawing);
  const compares = covers && !before.hidden && sameShape();
  setState(compares ? 'compare' : 'single');
  show(after, true);
  show(noPreview, false);
  frameFor(after);
  split.value = '50';
  moveDivider();
}

export function clearCanvas(): void {
  setState('empty');
  for (const image of [before, after]) forget(image);
}

function setState(state: CanvasState): void {
  canvas.dataset.state = state;
  show(find('drop', HTMLLabelElement), state === 'empty');
  show(frame, state !== 'empty');
}

async function load(image: HTMLImageElement, file: Blob): Promise<boolean> {
  forget(image);
  image.src = URL.createObjectURL(file);
  return image.decode().then(
    () => true,
    () => false,
  );
}

function forget(image: HTMLImageElement): void {
  if (image.src !== '') URL.revokeObjectURL(image.src);
  image.removeAttribute('src');
}

/** Sizes of a drawing may be rounded, its shape not. */
function sameShape(): boolean {
  const [first, second] = [before, after].map((image) => image.naturalWidth / image.naturalHeight);
  return Math.abs(first / second - 1) < 0.02;
}

function frameFor(image: HTMLImageElement | undefined): void {
  const { naturalWidth: width, naturalHeight: height } = image ?? { naturalWidth: 640, naturalHeight: 400 };
  frame.style.setProperty('--ratio', String(width / height));
  frame.style.setProperty('--widest', `${Math.max(width * MAX_ZOOM, 280)}px`);
}

function moveDivider(): void {
  frame.style.setProperty('--split', `${split.value}%`);
  split.setAttribute('aria-valuetext', `${split.value} % photo, ${100 - Number(split.value)} % drawing`);
}
