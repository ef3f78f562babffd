// The options of one drawing: what the node's form says, overridden by `msg.nigaoe`, checked against the engine's table.

import type { SubmitOptions } from '../../shared/bridge/client.js';
import type { OptionInfo } from '../../shared/bridge/protocol.js';
import { expected, expectedType } from '../../shared/errors.js';

/** A value of the form: text, and what kind it is (`str`, `num`, `bool`, `msg`, `flow`, `global`, `env`). */
export interface TypedValue {
  type: string;
  value: string;
}

/** The options of the form, by name; those that are left out take the engine's default. */
export type ChosenOptions = Readonly<Record<string, TypedValue>>;

/** Options as the client takes them. */
export type Order = NonNullable<SubmitOptions['options']>;

export interface OrderSources {
  chosen: ChosenOptions;
  /** `msg.nigaoe` as it came. */
  overrides: unknown;
  /** The engine's options. */
  table: readonly OptionInfo[];
  /** What a typed value is for this message; undefined, null and empty text mean that it is not set. */
  evaluate(value: TypedValue): Promise<unknown>;
}

/** @throws NigaoeError `options` with the name of the one that is wrong */
export async function readOrder({ chosen, overrides, table, evaluate }: OrderSources): Promise<Order> {
  const own = checkObject(overrides);
  const order: Record<string, string | number | boolean> = {};
  for (const [name, typed] of Object.entries(chosen)) {
    if (isSet(own[name])) continue;
    const value = await evaluate(typed);
    if (isSet(value)) order[name] = checked(value, rowOf(table, name, PLACE), name);
  }
  for (const [name, value] of Object.entries(own).filter(([, given]) => isSet(given)))
    order[name] = checked(value, rowOf(table, name, 'msg.nigaoe'), `msg.nigaoe.${name}`);
  return order as Order;
}
const PLACE = 'the options of this node';

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

function checkObject(overrides: unknown): Record<string, unknown> {
  if (overrides === undefined || overrides === null) return {};
  if (typeof overrides === 'object' && !Array.isArray(overrides)) return overrides as Record<string, unknown>;
  throw expectedType('an object of options, such as {"style": "ink"},', 'msg.nigaoe', overrides);
}

function rowOf(table: readonly OptionInfo[], name: string, place: string): OptionInfo {
  const row = table.find((one) => one.name === name);
  if (row !== undefined) return row;
  const names = table.map((one) => one.name);
  const guess = names.find((known) => letters(known) === letters(name));
  const hint = guess === undefined ? `There are ${names.join(', ')}.` : `Did you mean ${guess}?`;
  throw expected('a known option', place, name, hint);
}

/** `side-by-side`, `Side by side` and `sideBySide` are the same word. */
const letters = (name: string): string => name.replace(/[^a-z\d]/gi, '').toLowerCase();

/** The value as the table wants it; text from the environment or a broker may stand for a number or a switch. */
function checked(value: unknown, row: OptionInfo, label: string): string | number | boolean {
  if (row.type === 'boolean') return checkSwitch(value, label);
  if (row.type === 'number' || row.type === 'integer') return checkNumber(value, row, label);
  if (typeof value !== 'string') throw expectedType('text', label, value);
  if (!('choices' in row) || row.choices.includes(value)) return value;
  throw expected(`one of ${row.choices.join(', ')}`, label, value);
}

function checkSwitch(value: unknown, label: string): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw expectedType('true or false', label, value);
}

type NumberRow = Extract<OptionInfo, { min: number }>;

function checkNumber(value: unknown, { type, min, max }: NumberRow, label: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  const isWhole = type === 'number' || Number.isInteger(number);
  if (typeof number === 'number' && number >= min && number <= max && isWhole) return number;
  const what = `${type === 'integer' ? 'a whole number' : 'a number'} from ${min} to ${max}`;
  throw expectedType(what, label, value);
}
