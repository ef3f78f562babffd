// The form of options, built from what the bridge says that they are.

import type { PartialOptions } from '../../options.js';
import { offerOptions } from '../protocol/offered.js';
import type { OptionInfo, StyleInfo } from '../protocol.js';
import { find } from './dom.js';
import { type Field, makeField } from './field.js';
import { keepOptions, loadOptions } from './kept.js';
import { chosenStyle, showStyles } from './styles.js';

/** What most people want to set; all others stand under More. */
const MAIN = ['scope', 'strength'];

const fields = new Map<string, Field>();

/** Builds the form, as the user left it last. */
export function showSettings(options: readonly OptionInfo[], styles: readonly StyleInfo[]): void {
  const kept = loadOptions();
  const first = String(options.find(({ name }) => name === 'style')?.default);
  showStyles(styles, { first, kept: kept.style });
  fields.clear();
  for (const option of offerOptions(options, styles))
    fields.set(option.name, makeField(option, kept[option.name as keyof PartialOptions]));
  const inMain = [...fields].filter(([name]) => MAIN.includes(name));
  const inMore = [...fields].filter(([name]) => !MAIN.includes(name));
  find('main-options', HTMLDivElement).replaceChildren(...inMain.map(([, { element }]) => element));
  find('more-options', HTMLDivElement).replaceChildren(...inMore.map(([, { element }]) => element));
  listenForChanges();
}

/** What the user set; the bridge checks it. */
export function readOptions(): PartialOptions {
  const given = [...fields].map(([name, field]) => [name, field.read()] as const);
  const set = given.filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(set), style: chosenStyle() } as PartialOptions;
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
