// The styles: those that draw at once as a choice, the others with the command that pulls them.

import type { BridgeClient } from '../client.js';
import { capitalise, nameAndWords, pullCommand, termsOf } from '../protocol/words.js';
import type { StyleInfo } from '../protocol.js';
import { ended, find, make, show } from './dom.js';

const list = find('styles', HTMLDivElement);
const licence = find('licence', HTMLParagraphElement);

/** Shows the styles; chosen is what was kept, where it is ready still, and `first` after a reset of the form. */
export function showStyles(
  styles: readonly StyleInfo[],
  { first, kept }: { first: string; kept: string | undefined },
): void {
  const ready = styles.filter(({ state }) => state === 'ready');
  const usual = ready.find(({ id }) => id === first) ?? ready[0];
  const hadFocus = list.contains(document.activeElement);
  const { scrollTop } = list;
  list.replaceChildren(...ready.map((style) => styleCard(style, style === usual)));
  if (ready.length === 0) list.append(make('p', { className: 'help' }, 'No style is ready yet.'));
  const chosen = ready.find(({ id }) => id === kept) ?? usual;
  if (chosen !== undefined) choose(chosen);
  list.scrollTop = scrollTop;
  if (hadFocus) list.querySelector<HTMLInputElement>('input:checked')?.focus({ preventScroll: true });
  showAbsent(styles.filter(({ state }) => state === 'absent'));
}

function choose(style: StyleInfo): void {
  for (const input of list.querySelectorAll('input')) if (input.value === style.id) input.checked = true;
  showLicence(style);
}

/** Id of the chosen style. */
export function chosenStyle(): string | undefined {
  return list.querySelector<HTMLInputElement>('input:checked')?.value;
}

function styleCard(style: StyleInfo, checked: boolean): HTMLElement {
  const input = make('input', { type: 'radio', name: 'style', value: style.id, defaultChecked: checked });
  input.addEventListener('change', () => showLicence(style));
  const drawn = DRAWS[style.scope] ?? style.scope;
  const [name, more] = nameAndWords(style.title);
  const about = [more, drawn, style.yours ? 'yours' : ''].filter((part) => part !== '').join('; ');
  const words = make('span', {}, make('strong', {}, name), make('small', {}, ended(capitalise(about))));
  const image = sampleOf(style.id) ?? make('img', { alt: '', className: 'sample', hidden: true });
  image.dataset.sample = style.id;
  return make('label', { className: 'style' }, input, image, words);
}

/** The picture that a style already has on the page: it need not be fetched again. */
function sampleOf(style: string): HTMLImageElement | undefined {
  return [...list.querySelectorAll<HTMLImageElement>(SHOWN)].find(({ dataset }) => dataset.sample === style);
}
const SHOWN = '.sample:not([hidden])';

/** What each style draws, one after the other: the bridge may have to draw it first. */
export async function showSamples(client: BridgeClient): Promise<void> {
  for (const image of list.querySelectorAll<HTMLImageElement>('.sample[hidden]')) {
    const file = await client.preview(image.dataset.sample ?? '').catch(() => undefined);
    if (file === undefined) continue;
    image.src = URL.createObjectURL(new Blob([file as Uint8Array<ArrayBuffer>]));
    image.addEventListener('load', () => URL.revokeObjectURL(image.src), { once: true });
    show(image, true);
  }
}
const DRAWS: Record<string, string> = {
  photo: 'draws the whole photo',
  faces: 'draws the faces in the photo',
  portrait: 'draws one portrait per face',
};

/** Only what a user must know before the picture leaves the house. */
function showLicence(style: StyleInfo): void {
  const terms = termsOf(style);
  licence.textContent = terms ?? '';
  show(licence, terms !== undefined);
}

function showAbsent(styles: readonly StyleInfo[]): void {
  const rows = styles.map((style) => {
    const [name, more] = nameAndWords(style.title);
    const note = [ended(capitalise(more)), termsOf(style) ?? ''].filter((part) => part !== '').join(' ');
    const head = make('span', {}, make('strong', {}, name), make('small', {}, note));
    return make('li', {}, head, commandLine(pullCommand(style)));
  });
  const none = make('li', { className: 'help' }, 'All styles of the catalogue are here.');
  find('absent', HTMLUListElement).replaceChildren(...(rows.length === 0 ? [none] : rows));
}

function commandLine(command: string): HTMLElement {
  const copy = make('button', { type: 'button', className: 'quiet', ariaLabel: `Copy ${command}` }, 'Copy');
  copy.addEventListener('click', () => {
    // Refused where the page is not trusted with the clipboard; the command can still be marked by hand.
    navigator.clipboard?.writeText(command).then(
      () => (copy.textContent = 'Copied'),
      () => {},
    );
  });
  const words = command.split(' ').flatMap((word, index) => [index === 0 ? '' : ' ', make('span', {}, word)]);
  return make('span', { className: 'command' }, make('code', {}, ...words), copy);
}
