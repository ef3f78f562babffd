// How well a checkpoint fits what an architecture expects, key by key.

import type { Plan, Shapes } from './architecture.js';

/** Keys that stand in the way; a network fits when all three are empty. */
export interface Misfit {
  missing: readonly string[];
  unexpected: readonly string[];
  /** With the shapes: "model.1.weight is 64x1x7x7 instead of 64x3x7x7". */
  reshaped: readonly string[];
  /** Keys of the plan that are there in their shape. */
  fitting: number;
}

/** Compares the tensors of one part of a checkpoint with the plan's. */
export function misfitOf(plan: Plan, shapes: Shapes): Misfit {
  const wanted = [...plan.tensors];
  const missing = wanted.flatMap(([key]) => (shapes.has(key) ? [] : [key]));
  const reshaped = wanted.flatMap(([key, dims]) => reshapedOne(key, dims, shapes.get(key)));
  const unexpected = [...shapes.keys()].filter((key) => !plan.tensors.has(key) && !plan.ignores(key));
  return { missing, reshaped, unexpected, fitting: wanted.length - missing.length - reshaped.length };
}

export const fits = ({ missing, unexpected, reshaped }: Misfit): boolean =>
  missing.length + unexpected.length + reshaped.length === 0;

/** The misfit in words, a few keys of each kind. */
export function describeMisfit({ missing, unexpected, reshaped }: Misfit): string {
  const parts: [string, readonly string[]][] = [
    ['missing', missing],
    ['unexpected', unexpected],
    ['of another shape', reshaped],
  ];
  const described = parts.flatMap(([what, keys]) => (keys.length === 0 ? [] : `${what}: ${few(keys)}`));
  return described.join('; ');
}

const SHOWN_KEYS = 6;
/** A key of a hostile file can be as long as the file. */
const SHOWN_CHARACTERS = 120;

/** The first keys of a list, and how many more there are. */
export function few(keys: readonly string[]): string {
  const rest = keys.length - SHOWN_KEYS;
  const shown = keys.slice(0, SHOWN_KEYS).map(shortened);
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

const shortened = (key: string): string =>
  key.length > SHOWN_CHARACTERS ? key.slice(0, SHOWN_CHARACTERS) + '…' : key;

function reshapedOne(key: string, wanted: readonly number[], found: readonly number[] | undefined): string[] {
  if (found === undefined || found.join() === wanted.join()) return [];
  return [`${key} is ${shapeOf(found)} instead of ${shapeOf(wanted)}`];
}

const shapeOf = (dims: readonly number[]): string => (dims.length === 0 ? 'one number' : dims.join('x'));
