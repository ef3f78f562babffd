// The form of options, built from what the bridge says that they are.

import type { PartialBridgeOptions } from '../../options.js';
import { type OfferedOption, offerOptions } from '../protocol/offered.js';
import type { OptionInfo, StyleInfo } from '../protocol.js';
import { find } from './dom.js';
import { type Field, makeField } from './field.js';
import { keepOptions, loadOptions } from './kept.js';
import { chosenStyle, showStyles } from './styles.js';

/** What most people want to set; all others stand under More. */
const MAIN = ['scope', 'strength'];

/** A field, and what it was made of. */
interface Row {
  option: OfferedOption;
  field: Field;
}
const rows = new Map<string, Row>();
let known: { options: readonly OptionInfo[]; styles: readonly StyleInfo[] } = { options: [], styles: [] };

/** Builds the form, as the user left it last. */
export function showSettings(options: readonly OptionInfo[], styles: readonly StyleInfo[]): void {
  const kept = rows.size === 0 ? loadOptions() : readOptions();
  known = { options, styles };
  showStyles(styles, { first: firstStyle(), kept: kept.style });
  rows.clear();
  for (const option of offerOptions(options, styles))
    rows.set(option.name, {
      option,
      field: makeField(option, kept[option.name as keyof PartialBridgeOptions]),
    });
  const fields = [...rows].map(([name, { field }]) => [name, field] as const);
  const inMain = fields.filter(([name]) => MAIN.includes(name));
  const inMore = fields.filter(([name]) => !MAIN.includes(name));
  find('main-options', HTMLDivElement).replaceChildren(...inMain.map(([, { element }]) => element));
  find('more-options', HTMLDivElement).replaceChildren(...inMore.map(([, { element }]) => element));
  listenForChanges();
}

/** Shows the styles as they are now, with everything else as the user set it; false where they are the same. */
export function renewStyles(styles: readonly StyleInfo[]): boolean {
  if (isSame(styles, known.styles)) return false;
  known = { ...known, styles };
  showStyles(styles, { first: firstStyle(), kept: chosenStyle() });
  for (const option of offerOptions(known.options, styles)) renewField(option);
  return true;
}

/** A field whose choices are the same stays: somebody may be typing there. */
function renewField(option: OfferedOption): void {
  const row = rows.get(option.name);
  if (row === undefined || isSame(row.option, option)) return;
  const field = makeField(option, row.field.read());
  const hadFocus = row.field.element.contains(document.activeElement);
  row.field.element.replaceWith(field.element);
  rows.set(option.name, { option, field });
  if (hadFocus) field.element.querySelector<HTMLElement>('select, input:checked, input')?.focus();
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const firstStyle = (): string => String(known.options.find(({ name }) => name === 'style')?.default);

/** What the user set; the bridge checks it. */
export function readOptions(): PartialBridgeOptions {
  const given = [...rows].map(([name, { field }]) => [name, field.read()] as const);
  const set = given.filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(set), style: chosenStyle() } as PartialBridgeOptions;
}

/** Whether every field holds what it may; where not, the browser shows the first that does not. */
export function settingsAreValid(): boolean {
  const form = find('settings', HTMLFormElement);
  if (form.checkValidity()) return true;
  // A field in a closed part of the page cannot be shown.
  find('more', HTMLDetailsElement).open = true;
  return form.reportValidity();
}

function listenForChanges(): void {
  const form = find('settings', HTMLFormElement);
  form.onchange = () => keepOptions(readOptions());
  // The fields have their defaults only after the event; what stands beside them follows when it hears of it.
  form.onreset = () => {
    setTimeout(() => {
      for (const input of form.querySelectorAll('input[type=range]')) input.dispatchEvent(new Event('input'));
      form.querySelector('#styles input:checked')?.dispatchEvent(new Event('change', { bubbles: true }));
    });
  };
}
