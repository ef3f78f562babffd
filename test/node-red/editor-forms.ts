// What the editor is told of the nodes: their html files, run with as much of the editor as registering takes.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createContext, runInContext } from 'node:vm';

/** The second argument of `RED.nodes.registerType` in the editor. */
export interface EditorForm {
  category: string;
  color?: string;
  icon?: string;
  inputs?: number;
  outputs?: number;
  defaults: Record<string, { value: unknown; type?: string; required?: boolean }>;
  credentials?: Record<string, { type: string }>;
}

/** By type, the forms of all nodes of a folder. */
export async function readForms(folder: string): Promise<Map<string, EditorForm>> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.html'));
  const forms = new Map<string, EditorForm>();
  for (const file of files) runForm(await readFile(path.join(folder, file), 'utf8'), forms);
  return forms;
}

function runForm(html: string, forms: Map<string, EditorForm>): void {
  const validators = new Proxy({}, { get: () => () => () => true });
  const nodes = { registerType: (type: string, form: EditorForm) => forms.set(type, form) };
  const context = createContext({ RED: { nodes, validators, _: (key: string) => key }, console });
  for (const [, script] of html.matchAll(/<script type="text\/javascript">(.*?)<\/script>/gs))
    runInContext(script, context);
}
