// The form of options, made from the bridge's own list, and the settings that it stands for.

import type { OptionInfo, StyleInfo } from '../../shared/bridge/protocol.js';
import type { PartialBridgeOptions } from '../../shared/options.js';
import type { Handling, Settings } from '../messages.js';
import { element, show } from './element.js';
import { type Field, openField } from './field.js';
import { FIRST, fieldsFor } from './fields.js';
import { chosenStyle, showStyles } from './gallery.js';

/** What the bridge offers, and what the user chose of it last. */
export interface Catalogue {
  styles: readonly StyleInfo[];
  options: readonly OptionInfo[];
  settings: Settings;
}

export interface Form {
  show(catalogue: Catalogue): void;
  /**
   * Options at their default are left out, so that a new default of the bridge takes effect. Undefined until there was a
   * catalogue: an empty form is nobody's choice.
   */
  settings(): Settings | undefined;
  /** Points at the first field that is not filled in well. */
  isValid(): boolean;
}

/** `onChange` is told the settings whenever the user has changed something. */
export function openForm(onChange: (settings: Settings) => void): Form {
  let fields: Field[] | undefined;
  const settings = (): Settings | undefined =>
    fields === undefined ? undefined : { options: optionsOf(fields), handling: handlingOf() };
  element('options', HTMLElement).addEventListener('change', () => {
    const changed = settings();
    if (changed !== undefined) onChange(changed);
  });
  return {
    settings,
    isValid: () => (fields ?? []).every(isWell),
    show: (catalogue) => {
      const { styles, options, settings: kept } = catalogue;
      showStyles(styles, kept.options.style ?? firstStyle(options));
      fields = fieldsFor(options, styles).map((option) =>
        openField(option, kept.options[option.name as keyof PartialBridgeOptions]),
      );
      showFields(fields);
      showHandling(kept.handling);
      show('loading', false);
      element('options', HTMLElement).inert = false;
      show('options', true);
    },
  };
}

function firstStyle(options: readonly OptionInfo[]): string {
  return String(options.find(({ name }) => name === 'style')?.default ?? '');
}

/** A field in a closed part of the window cannot say what is wrong with it. */
function isWell(field: Field): boolean {
  const part = field.row.closest('details');
  if (part !== null && field.row.querySelector(':invalid') !== null) part.open = true;
  return field.isValid();
}

function optionsOf(fields: readonly Field[]): PartialBridgeOptions {
  const given = fields.filter((field) => field.isChanged()).map((field) => [field.name, field.value()]);
  return { ...(Object.fromEntries(given) as PartialBridgeOptions), style: chosenStyle() };
}

function showFields(fields: readonly Field[]): void {
  const isFirst = ({ name }: Field): boolean => FIRST.includes(name);
  place('first-fields', fields.filter(isFirst));
  place(
    'more-fields',
    fields.filter((field) => !isFirst(field)),
  );
}

function place(id: string, fields: readonly Field[]): void {
  element(id, HTMLElement).replaceChildren(...fields.map(({ row }) => row));
}

function showHandling(handling: Handling): void {
  for (const [name, value] of Object.entries(handling)) {
    const radio = document.querySelector<HTMLInputElement>(`input[name="${name}"][value="${String(value)}"]`);
    if (radio !== null) radio.checked = true;
  }
}

function handlingOf(): Handling {
  return {
    source: checked('source') === 'seen' ? 'seen' : 'original',
    target: checked('target') === 'duplicate' ? 'duplicate' : 'replace',
  };
}

function checked(name: string): string | undefined {
  return document.querySelector<HTMLInputElement>(`input[name="${name}"]:checked`)?.value;
}
