// What the catalogue says of a model, line by line.

import type { ModelEntry } from '../../models/entry.js';

/** Title, licence, source, and how the network wants its pixels. */
export function entryLines(entry: ModelEntry): string[] {
  const { title, kind, licence, source, files } = entry;
  const use = licence.commercial ? 'commercial use allowed' : 'not for commercial use';
  const rows: [string, string][] = [
    ['title', title],
    ['kind', kind],
    ['licence', `${licence.name} (${use})`],
    ['notice', licence.notice],
    ['source', source],
    ...wishes(entry),
    ...files.map(({ name, sha256, gitBlob }): [string, string] => [
      'published',
      `${name}  ${sha256 ? `sha256 ${sha256}` : `git blob ${gitBlob}`}`,
    ]),
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(11)} ${value}`);
}

function wishes(entry: ModelEntry): [string, string][] {
  if (entry.kind === 'detector') return [['decoder', entry.decoder]];
  if (entry.kind === 'landmarks') return [['points', String(entry.output.points)]];
  const { multipleOf, minPx, maxPx } = entry.side;
  const side: [string, string][] = [
    ['scope', entry.scope],
    ['sides', `${minPx} to ${maxPx} px, multiples of ${multipleOf}`],
  ];
  if (entry.kind === 'procedural') return side;
  const { layout, channels, range } = entry.io;
  return [...side, ['pixels', `${layout}, ${channels}, ${range[0]} to ${range[1]}`]];
}
