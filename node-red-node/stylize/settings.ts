// The settings of a nigaoe-stylize node, as its form saves them; what is missing or damaged takes its default.

import type { NodeDef } from 'node-red';
import { POLICIES, type Policy } from './frame-line.js';
import type { ChosenOptions, TypedValue } from './order.js';

export interface StylizeSettings {
  /** Id of the engine. */
  engine: string;
  /** Of the message: where the picture is, and where the drawing goes. Default `payload`. */
  property: string;
  options: ChosenOptions;
  /** What happens to pictures that come while one is drawn; default `queue`. */
  policy: Policy;
  /** How many may wait with policy `queue`: 1 or more, default 10. */
  most: number;
  /** With several pictures of one photo: the first, or a message for each; default `first`. */
  pictures: 'first' | 'each';
  /** Whether editors get a small picture; default no. */
  preview: boolean;
}

/** The node in a flow file: anybody may have written it. */
export type StylizeDef = NodeDef & { [Name in keyof StylizeSettings]?: unknown };

const DEFAULT_MOST = 10;

export function readSettings(def: StylizeDef): StylizeSettings {
  const most = Math.trunc(Number(def.most));
  return {
    engine: textOr('', def.engine),
    property: textOr('payload', def.property),
    options: readChosen(def.options),
    policy: POLICIES.find((policy) => policy === def.policy) ?? 'queue',
    most: most >= 1 ? most : DEFAULT_MOST,
    pictures: def.pictures === 'each' ? 'each' : 'first',
    preview: def.preview === true,
  };
}

const textOr = (otherwise: string, value: unknown): string =>
  typeof value === 'string' && value !== '' ? value : otherwise;

function readChosen(options: unknown): ChosenOptions {
  if (typeof options !== 'object' || options === null) return {};
  return Object.fromEntries(Object.entries(options).filter(([, value]) => isTyped(value)));
}

function isTyped(value: unknown): value is TypedValue {
  const { type, value: text } = (value ?? {}) as Partial<TypedValue>;
  return typeof type === 'string' && typeof text === 'string';
}
