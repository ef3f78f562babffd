// How photos come onto the page: dropped anywhere, chosen, or pasted.

import { find } from './dom.js';

/** Hears of each photo that the user hands over. */
export function listenForPhotos(onPhoto: (photo: File) => void): void {
  const input = find('file', HTMLInputElement);
  input.addEventListener('change', () => {
    take(input.files, onPhoto);
    // The same file chosen again is a new choice.
    input.value = '';
  });
  document.addEventListener('paste', (event) => take(event.clipboardData?.files, onPhoto));
  listenForDrops(onPhoto);
}

function listenForDrops(onPhoto: (photo: File) => void): void {
  const canvas = find('canvas', HTMLDivElement);
  const mark = (over: boolean) => canvas.classList.toggle('over', over);
  // Without this a photo that misses the area would replace the page.
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    mark(true);
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) mark(false);
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    mark(false);
    take(event.dataTransfer?.files, onPhoto);
  });
}

function take(files: FileList | null | undefined, onPhoto: (photo: File) => void): void {
  const photo = files?.[0];
  if (photo !== undefined) onPhoto(photo);
}
