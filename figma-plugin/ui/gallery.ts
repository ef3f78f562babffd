// The styles as tiles, with a picture of each or, where the bridge has none, its initial.

import type { StyleInfo } from '../../shared/bridge/protocol.js';
import type { ToUi } from '../messages.js';
import { element, make, show } from './element.js';

const pictures = new Map<string, HTMLElement>();

export function showStyles(styles: readonly StyleInfo[], chosen: string): void {
  pictures.clear();
  const ready = styles.filter(({ state }) => state === 'ready');
  const first = ready.some(({ id }) => id === chosen) ? chosen : ready[0]?.id;
  element('gallery', HTMLElement).replaceChildren(...ready.map((style) => tile(style, style.id === first)));
  showAbsent(styles.filter(({ state }) => state === 'absent'));
}

/** Styles that the bridge knows and has not fetched: with the command that does. */
function showAbsent(styles: readonly StyleInfo[]): void {
  const lines = styles.map(({ id, title, licence }) =>
    make('li', {}, title + termsOf(licence), make('code', {}, `npx nigaoe models pull ${id}`)),
  );
  element('absent-list', HTMLElement).replaceChildren(...lines);
  element('absent-count', HTMLElement).textContent = `${styles.length} more styles`;
  show('absent', styles.length > 0);
}

export function showPreview({ style, bytes, mediaType }: Extract<ToUi, { type: 'preview' }>): void {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mediaType }));
  const image = make('img', { src: url, alt: '' });
  image.addEventListener('load', () => URL.revokeObjectURL(url));
  pictures.get(style)?.replaceChildren(image);
}

/** Undefined when none is chosen. */
export function chosenStyle(): string | undefined {
  return document.querySelector<HTMLInputElement>('#gallery input:checked')?.value;
}

function tile({ id, title, licence }: StyleInfo, checked: boolean): HTMLElement {
  const input = make('input', { type: 'radio', name: 'style', value: id, checked });
  const picture = make('span', { className: 'picture' }, title.charAt(0).toUpperCase());
  picture.style.background = `hsl(${hueOf(id)} 45% 50%)`;
  picture.ariaHidden = 'true';
  pictures.set(id, picture);
  const name = make('span', { className: 'name' }, title);
  return make('label', { className: 'tile', title: title + termsOf(licence) }, input, picture, name);
}

function termsOf({ commercial }: StyleInfo['licence']): string {
  return commercial ? '' : ' (not for commercial use)';
}

/** Each style keeps its colour: a hue in degrees from its id. */
function hueOf(id: string): number {
  return [...id].reduce((hue, letter) => (hue * 31 + letter.charCodeAt(0)) % 360, 7);
}
