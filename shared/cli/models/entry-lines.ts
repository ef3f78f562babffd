// What the catalogue says of a model, line by line.

import type { GeneratorIo, Licence, ModelEntry, Quantized } from '../../models/entry.js';
import { isOwn } from '../../models/store/installed.js';
import { type Row, rowLines } from './rows.js';

/** Title, licence, source, and how the network wants its pixels. */
export function entryLines(entry: ModelEntry): string[] {
  const whose = isOwn(entry) ? 'yours' : 'published';
  const { title, kind, licence, source, files } = entry;
  return rowLines([
    ['title', title],
    ['kind', kind],
    ['licence', licenceWords(licence)],
    ['notice', licence.notice],
    ['source', source],
    ...wishes(entry),
    ...files.map(
      ({ name, sha256, gitBlob }): Row => [
        whose,
        `${name}  ${sha256 ? `sha256 ${sha256}` : `git blob ${gitBlob}`}`,
      ],
    ),
  ]);
}

/** `MIT (commercial use allowed)`. */
export function licenceWords({ name, commercial }: Licence): string {
  return `${name} (${commercial ? 'commercial use allowed' : 'not for commercial use'})`;
}

/** `nchw, rgb, -1 to 1`. */
export function pixelWords({ layout, channels, range }: GeneratorIo): string {
  return `${layout}, ${channels}, ${range[0]} to ${range[1]}`;
}

/** `26 of 28 convolutions; 44.6 dB from float32, drew 1.54 times as fast on AVX2 without VNNI`. */
export function quantizedWords({ layers, allLayers, psnrDb, timesAsFast, measuredOn }: Quantized): string {
  const speed = `drew ${timesAsFast.toFixed(2)} times as fast on ${measuredOn}`;
  return `${layers} of ${allLayers} convolutions; ${psnrDb.toFixed(1)} dB from float32, ${speed}`;
}

function wishes(entry: ModelEntry): Row[] {
  if (entry.kind === 'detector') return [['decoder', entry.decoder]];
  if (entry.kind === 'landmarks') return [['points', String(entry.output.points)]];
  const { multipleOf, minPx, maxPx } = entry.side;
  const side: Row[] = [
    ['scope', entry.scope],
    ['sides', `${minPx} to ${maxPx} px, multiples of ${multipleOf}`],
  ];
  if (entry.kind === 'procedural') return side;
  const int8 = entry.quantized && quantizedWords(entry.quantized);
  return [...side, ['pixels', pixelWords(entry.io)], ['int8', int8]];
}
