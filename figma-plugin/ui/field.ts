// One option as a row of the form.

import type { OfferedOption } from '../../shared/bridge/protocol/offered.js';
import { helpOf } from '../../shared/bridge/protocol/words.js';
import { make } from './element.js';
import { isSlider } from './fields.js';

type Value = string | number | boolean;

export interface Field {
  name: string;
  row: HTMLElement;
  value(): Value;
  /** Says what is wrong where something is. */
  isValid(): boolean;
  /** Whether it stands elsewhere than the bridge's default. */
  isChanged(): boolean;
}

export function openField(option: OfferedOption, given: Value | undefined): Field {
  const { name, type } = option;
  const id = `option-${name}`;
  const { input, parts, value } = control(option, given ?? option.default);
  input.id = id;
  const label = make('label', { htmlFor: id }, option.label);
  const row = make('div', { className: type === 'boolean' ? 'field tick' : 'field' });
  row.append(
    ...arrange(type, label, make('div', { className: 'value' }, ...parts)),
    help(option, input, row),
  );
  const isValid = (): boolean => input.reportValidity();
  return { name, row, value, isValid, isChanged: () => value() !== option.default };
}

/** A box to tick stands before its words. */
function arrange(type: OfferedOption['type'], label: HTMLElement, value: HTMLElement): HTMLElement[] {
  return type === 'boolean' ? [value, label] : [label, value];
}

/** Shown to a pointer that rests, told to screen readers. */
function help(option: OfferedOption, input: HTMLElement, row: HTMLElement): HTMLElement {
  const words = helpOf(option);
  const told = make('span', { hidden: true, id: `help-${option.name}` }, words);
  row.title = words;
  input.setAttribute('aria-describedby', told.id);
  return told;
}

interface Control {
  input: HTMLInputElement | HTMLSelectElement;
  /** What stands in the row, the input among it. */
  parts: (Node | string)[];
  value(): Value;
}

function control(option: OfferedOption, value: Value): Control {
  if (option.type === 'choice') return select(option, String(value));
  if (option.type === 'boolean') return tick(value === true);
  if (option.type === 'string') return text(String(value));
  return isSlider(option) ? slider(option, Number(value)) : number(option, Number(value));
}

/** What was kept and is no choice any more gives way to the default. */
function select(option: Extract<OfferedOption, { type: 'choice' }>, value: string): Control {
  const { choices, choiceLabels } = option;
  const options = choices.map((choice) => make('option', { value: choice }, choiceLabels[choice]));
  const input = make('select', {}, ...options);
  input.value = choices.includes(value) ? value : option.default;
  return { input, parts: [input], value: () => input.value };
}

function tick(checked: boolean): Control {
  const input = make('input', { type: 'checkbox', checked });
  return { input, parts: [input], value: () => input.checked };
}

function text(value: string): Control {
  const input = make('input', { type: 'text', value, spellcheck: false });
  return { input, parts: [input], value: () => input.value.trim() };
}

type NumberOption = Extract<OfferedOption, { type: 'number' | 'integer' }>;

function number({ type, min, max, unit, default: fallback }: NumberOption, value: number): Control {
  const step = type === 'integer' ? '1' : 'any';
  const range = { min: String(min), max: String(max), step };
  const input = make('input', { type: 'number', ...range, value: String(value), required: true });
  const read = (): number => (Number.isNaN(input.valueAsNumber) ? fallback : input.valueAsNumber);
  return { input, parts: unit === undefined ? [input] : [input, unit], value: read };
}

/** Shares are shown in percent, as Figma does. */
function slider({ min, max }: NumberOption, value: number): Control {
  const input = make('input', { type: 'range', min: String(min * 100), max: String(max * 100), step: '1' });
  input.value = String(Math.round(value * 100));
  const shown = make('output', {});
  const tell = (): void => {
    shown.textContent = `${input.value}%`;
    input.style.setProperty('--filled', `${input.value}%`);
    input.setAttribute('aria-valuetext', shown.textContent);
  };
  input.addEventListener('input', tell);
  tell();
  return { input, parts: [input, shown], value: () => Number(input.value) / 100 };
}
