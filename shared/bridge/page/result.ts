// What came of a photo: the drawing, its facts, its download, and with several faces one of each.

import type { Drawn, DrawnPicture } from '../client.js';
import { showDrawing, showPhoto } from './canvas.js';
import { find, make, sentence, show } from './dom.js';

const thumbs = find('thumbs', HTMLFieldSetElement);
const download = find('download', HTMLAnchorElement);
let kept: string[] = [];
/** The result on the page; hidden while another photo is drawn. */
let last: { photo: File; hidden: boolean; show(): Promise<void> } | undefined;

/** Shows what came of a photo, in place of the last result. */
export async function showResult({ pictures, info }: Drawn, photo: File): Promise<void> {
  clearResult();
  last = { photo, hidden: false, show: () => showPhoto(photo) };
  show(find('after-row', HTMLDivElement), true);
  showNotices(info.notices);
  if (pictures.length === 0) {
    tell('Nothing was drawn.');
    return last.show();
  }
  const seconds = sum(Object.values(info.timings)) / 1000;
  const facts = [`drawn by ${info.model}`, `${seconds.toFixed(1)} s`, info.device]
    .filter(Boolean)
    .join(' · ');
  const about = { facts, photo: photo.name, model: info.model, scope: info.scope };
  let chosen = 0;
  const choose = (index: number) => {
    chosen = index;
    return showPicture(pictures, index, about);
  };
  showThumbs(pictures, choose);
  last.show = async () => {
    await showPhoto(photo);
    await choose(chosen);
  };
  await choose(0);
}

/** The photo of the result that is on the page or waits to be brought back. */
export const lastPhoto = (): File | undefined => last?.photo;

/** Takes the result from sight, until the next is there or none comes. */
export function hideResult(): void {
  if (last !== undefined) last.hidden = true;
  for (const id of PARTS) show(find(id, HTMLElement), false);
}

/** Shows the last result where no new one came; false without one. */
export async function bringBack(): Promise<boolean> {
  if (last?.hidden === true) {
    last.hidden = false;
    for (const id of ['thumbs', 'notices'])
      show(find(id, HTMLElement), find(id, HTMLElement).childElementCount > 0);
    await last.show();
  }
  show(find('after-row', HTMLElement), true);
  return last !== undefined;
}
const PARTS = ['thumbs', 'after-row', 'notices', 'download'];

/** Takes the last result off the page and out of memory. */
export function clearResult(): void {
  for (const url of kept) URL.revokeObjectURL(url);
  kept = [];
  last = undefined;
  thumbs.replaceChildren();
  tell('');
  for (const id of PARTS) show(find(id, HTMLElement), false);
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
