// What came of a photo: the drawing, its facts, its download, and with several faces one of each.

import type { Drawn, DrawnPicture } from '../client.js';
import { showDrawing } from './canvas.js';
import { find, make, sentence, show } from './dom.js';

const thumbs = find('thumbs', HTMLFieldSetElement);
const download = find('download', HTMLAnchorElement);
let kept: string[] = [];

/** Shows a result; `photo` is the name of the file, `style` that of the style. */
export async function showResult({ pictures, info }: Drawn, photo: string): Promise<void> {
  clearResult();
  show(find('after-row', HTMLDivElement), true);
  showNotices(info.notices);
  if (pictures.length === 0) return tell('Nothing was drawn.');
  const seconds = sum(Object.values(info.timings)) / 1000;
  const facts = [`drawn by ${info.model}`, `${seconds.toFixed(1)} s`, info.device]
    .filter(Boolean)
    .join(' · ');
  const choose = (index: number) =>
    showPicture(pictures, index, { facts, photo, model: info.model, scope: info.scope });
  showThumbs(pictures, choose);
  await choose(0);
}

/** Takes the last result off the page and out of memory. */
export function clearResult(): void {
  for (const url of kept) URL.revokeObjectURL(url);
  kept = [];
  thumbs.replaceChildren();
  for (const id of ['thumbs', 'after-row', 'notices', 'download']) show(find(id, HTMLElement), false);
}

interface About {
  facts: string;
  photo: string;
  model: string;
  scope: string;
}

async function showPicture(pictures: readonly DrawnPicture[], index: number, about: About): Promise<void> {
  const picture = pictures[index];
  await showDrawing(fileOf(picture), about.scope !== 'portrait');
  [...thumbs.children].forEach((thumb, at) => {
    thumb.setAttribute('aria-pressed', String(at === index));
  });
  tell(`${picture.width} × ${picture.height} px · ${about.facts}`);
  const number = pictures.length === 1 ? '' : `-${index + 1}`;
  const stem = about.photo.replace(/\.[^.]*$/, '');
  download.href = keep(fileOf(picture));
  download.download = `${stem}-${about.model}${number}.${extensionOf(picture)}`;
  show(download, true);
}

function showThumbs(pictures: readonly DrawnPicture[], choose: (index: number) => void): void {
  if (pictures.length < 2) return;
  const buttons = pictures.map((picture, index) => {
    const image = make('img', { src: keep(fileOf(picture)), alt: '' });
    const label = `Face ${index + 1} of ${pictures.length}`;
    const button = make('button', { type: 'button', className: 'thumb', ariaLabel: label }, image);
    button.addEventListener('click', () => choose(index));
    return button;
  });
  thumbs.replaceChildren(...buttons);
  show(thumbs, true);
}

function showNotices(notices: readonly string[]): void {
  const list = find('notices', HTMLUListElement);
  list.replaceChildren(...notices.map((notice) => make('li', {}, ...sentence(notice))));
  show(list, notices.length > 0);
}

function tell(facts: string): void {
  find('facts', HTMLParagraphElement).textContent = facts;
}

function keep(file: Blob): string {
  const url = URL.createObjectURL(file);
  kept.push(url);
  return url;
}

const fileOf = ({ bytes, type }: DrawnPicture): Blob =>
  new Blob([bytes as Uint8Array<ArrayBuffer>], { type });
const extensionOf = ({ format }: DrawnPicture): string => (format === 'jpeg' ? 'jpg' : format);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
