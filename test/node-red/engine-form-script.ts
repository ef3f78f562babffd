// The script of a node's form, run without an editor: what it registers, and a form in which fields have values.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { repositoryRoot } from './built.js';

const NODES = path.join(repositoryRoot(), 'node-red-node/nodes');

/** What the tests use of a registration. */
export interface Registered {
  defaults: Record<string, { validate(this: object, value: unknown): boolean }>;
  paletteLabel?: (this: { _: (key: string) => string }) => string;
}

/** Registers the node's form. `fields`: values of the open form by selector; without it none is open. */
export function registeredForm(name: string, fields: Record<string, string> = {}): Registered {
  let registered: Registered | undefined;
  const nodes = { registerType: (_type: string, form: Registered) => (registered = form) };
  const $ = (selector: string) => ({
    length: selector in fields ? 1 : 0,
    val: () => fields[selector],
  });
  const html = readFileSync(path.join(NODES, `${name}.html`), 'utf8');
  const isNumber = (value: unknown) => value !== '' && Number.isFinite(Number(value));
  const context = createContext({ RED: { nodes, validators: {} }, $, isNumber });
  for (const [, script] of html.matchAll(/<script type="text\/javascript">(.*?)<\/script>/gs))
    runInContext(script, context);
  if (registered === undefined) throw new Error(`${name}.html registers nothing`);
  return registered;
}
