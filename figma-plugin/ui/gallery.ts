// The styles as tiles, with a picture of each or, where the bridge has none, its initial.

import { capitalise, nameAndWords, pullCommand, termsOf } from '../../shared/bridge/protocol/words.js';
import type { StyleInfo } from '../../shared/bridge/protocol.js';
import type { ToUi } from '../messages.js';
import { element, make, show } from './element.js';

const pictures = new Map<string, HTMLElement>();

export function showStyles(styles: readonly StyleInfo[], preferred: string): void {
  pictures.clear();
  const ready = styles.filter(({ state }) => state === 'ready');
  const chosen = ready.find(({ id }) => id === preferred) ?? ready[0];
  element('gallery', HTMLElement).replaceChildren(...ready.map((style) => tile(style, style === chosen)));
  if (chosen !== undefined) showTerms(chosen);
  showAbsent(styles.filter(({ state }) => state === 'absent'));
}

/** Brings the chosen tile to where it is seen; the gallery scrolls. */
export function scrollToChosen(): void {
  document.querySelector('#gallery .tile:has(:checked)')?.scrollIntoView({ block: 'nearest' });
}

/** Undefined when none is chosen. */
export function chosenStyle(): string | undefined {
  return document.querySelector<HTMLInputElement>('#gallery input:checked')?.value;
}

export function showPreview({ style, bytes, mediaType }: Extract<ToUi, { type: 'preview' }>): void {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mediaType }));
  const image = make('img', { src: url, alt: '' });
  image.addEventListener('load', () => URL.revokeObjectURL(url));
  pictures.get(style)?.replaceChildren(image);
}

function tile(style: StyleInfo, checked: boolean): HTMLElement {
  const { id, title } = style;
  const [name, words] = nameAndWords(title);
  const about = [ended(capitalise(words)), termsOf(style) ?? ''].filter((part) => part !== '').join(' ');
  const input = make('input', { type: 'radio', name: 'style', value: id, checked });
  input.setAttribute('aria-description', about);
  input.addEventListener('change', () => showTerms(style));
  const label = make('label', { className: 'tile', title: about }, input, pictureOf(id, name));
  label.append(make('span', { className: 'name' }, name));
  return label;
}

function pictureOf(id: string, name: string): HTMLElement {
  const picture = make('span', { className: 'picture' }, capitalise(name).charAt(0));
  picture.style.background = `hsl(${hueOf(id)} 45% 50%)`;
  picture.ariaHidden = 'true';
  pictures.set(id, picture);
  return picture;
}

function showTerms(style: StyleInfo): void {
  const terms = termsOf(style);
  element('licence', HTMLElement).textContent = terms ?? '';
  show('licence', terms !== undefined);
}

/** Styles that the bridge knows and has not fetched: with the command that does. */
function showAbsent(styles: readonly StyleInfo[]): void {
  element('absent-list', HTMLElement).replaceChildren(...styles.map(absentLine));
  element('absent-count', HTMLElement).textContent =
    styles.length === 1 ? 'One more style' : `${styles.length} more styles`;
  show('absent', styles.length > 0);
}

function absentLine(style: StyleInfo): HTMLElement {
  const [name, words] = nameAndWords(style.title);
  const sentences = [words, termsOf(style) ?? ''].map((part) => ` ${ended(capitalise(part))}`);
  const about = make('span', { className: 'quiet' }, ...sentences);
  return make('li', {}, make('strong', {}, name), about, commandOf(style));
}

function commandOf(style: StyleInfo): HTMLElement {
  const words = pullCommand(style).split(' ');
  return make(
    'code',
    {},
    ...words.flatMap((word, index) => [index === 0 ? '' : ' ', make('span', {}, word)]),
  );
}

function ended(text: string): string {
  return /^$|[.!?…]$/.test(text) ? text : text + '.';
}

/** Each style keeps its colour: a hue in degrees from its id. */
function hueOf(id: string): number {
  return [...id].reduce((hue, letter) => (hue * 31 + letter.charCodeAt(0)) % 360, 7);
}
