// The journey of a photo, from bytes to bytes: the one file that knows the order of the stations.

import { drawPhoto, setOut } from './drawing.js';
import type { JobRun, StylizeResult } from './job.js';
import type { Options } from './options.js';
import { flattenPhoto } from './photo/alpha.js';
import { decodePhoto } from './photo/decode.js';
import { encodePhoto } from './photo/encode.js';
import { provenanceOf } from './signature.js';
import type { Studio } from './studio.js';

/** Photo bytes in, drawn picture bytes out; `studio` lends the open models. Throws a NigaoeError. */
export async function stylize(
  bytes: Uint8Array,
  options: Options,
  studio: Studio,
  run: JobRun,
): Promise<StylizeResult> {
  const journey = await setOut(options, studio, run);
  const { clock, notices, traits, wanted } = journey;
  const decoded = await clock.time('decode', () =>
    decodePhoto(bytes, { maxPixels: options.maxPixels, name: run.name }),
  );
  // A portrait is opaque: what lies hidden under transparent pixels must not come to light in it.
  const photo = wanted === 'portrait' ? await flattenPhoto(decoded) : decoded;
  const { pictures, faces, scope = wanted, style, styles } = await drawPhoto(photo, journey);
  const provenance = style && provenanceOf(await Promise.all(styles.map((name) => studio.traits(name))));
  const { format, quality, keepMetadata } = options;
  const encoded = await clock.time('encode', () =>
    Promise.all(
      pictures.map((picture) => encodePhoto(picture, { format, quality, keepMetadata, provenance })),
    ),
  );
  return {
    ...encoded[0],
    pictures: encoded.map(({ notices: _, ...picture }) => picture),
    faces: [...faces],
    scope,
    model: style?.id ?? traits.id,
    device: style?.device,
    deviceReason: style?.deviceReason,
    timings: clock.timings,
    notices: [...decoded.metadata.notices, ...notices, ...encoded[0].notices],
  };
}
