// One option as a row of the form.

import type { OptionInfo } from '../../shared/bridge/protocol.js';
import { make } from './element.js';
import { isSlider, labelOf } from './fields.js';

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

export function openField(option: OptionInfo, given: Value | undefined): Field {
  const { name } = option;
  const id = `option-${name}`;
  const { input, parts, value } = control(option, given ?? option.default);
  input.id = id;
  const label = make('label', { htmlFor: id }, labelOf(name));
  const row = make('div', { className: 'field', title: option.help }, label);
  row.append(make('div', { className: 'value' }, ...parts));
  const isValid = (): boolean => input.reportValidity();
  return { name, row, value, isValid, isChanged: () => value() !== option.default };
}

interface Control {
  input: HTMLInputElement | HTMLSelectElement;
  /** What stands in the row, the input among it. */
  parts: (Node | string)[];
  value(): Value;
}

function control(option: OptionInfo, value: Value): Control {
  if (option.type === 'choice') return select(option.choices, String(value));
  if (option.type === 'boolean') return tick(value === true);
  if (option.type === 'string') return text(String(value));
  return isSlider(option) ? slider(option, Number(value)) : number(option, Number(value));
}

function select(choices: readonly string[], value: string): Control {
  const options = choices.map((choice) => make('option', { value: choice }, labelOf(choice)));
  const input = make('select', {}, ...options);
  input.value = choices.includes(value) ? value : choices[0];
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

type NumberInfo = Extract<OptionInfo, { type: 'number' | 'integer' }>;

function number({ type, min, max, unit, default: fallback }: NumberInfo, value: number): Control {
  const step = type === 'integer' ? '1' : 'any';
  const range = { min: String(min), max: String(max), step };
  const input = make('input', { type: 'number', ...range, value: String(value), required: true });
  const read = (): number => (Number.isNaN(input.valueAsNumber) ? fallback : input.valueAsNumber);
  return { input, parts: unit === undefined ? [input] : [input, unit], value: read };
}

/** Shares are shown in percent, as Figma does. */
function slider({ min, max }: NumberInfo, value: number): Control {
  const input = make('input', { type: 'range', min: String(min * 100), max: String(max * 100), step: '1' });
  input.value = String(Math.round(value * 100));
  const shown = make('output', {}, `${input.value}%`);
  input.addEventListener('input', () => {
    shown.textContent = `${input.value}%`;
  });
  return { input, parts: [input, shown], value: () => Number(input.value) / 100 };
}
