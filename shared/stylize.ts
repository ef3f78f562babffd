// The journey of a photo: the one file that knows the order of the stations.

import type { Face } from './faces/face.js';
import { type JobRun, StageClock, type StylizeResult } from './job.js';
import type { PullOptions } from './models/store/pull.js';
import type { Options } from './options.js';
import { flattenPhoto } from './photo/alpha.js';
import { decodePhoto } from './photo/decode.js';
import { encodePhoto } from './photo/encode.js';
import { checkIdle, DRAW_SCOPE, type DrawnScope, scopeWithoutFaces, stylesFor } from './scopes.js';
import { provenanceOf } from './signature.js';
import type { OpenStyle, Studio } from './studio.js';

/** Photo bytes in, drawn picture bytes out; `studio` lends the open models. Throws a NigaoeError. */
export async function stylize(
  bytes: Uint8Array,
  options: Options,
  studio: Studio,
  run: JobRun,
): Promise<StylizeResult> {
  const clock = new StageClock(run);
  const notices: string[] = [];
  const pull = pullOptions(run, clock, notices);
  const traits = await studio.traits(options.style);
  const wanted = options.scope === 'auto' ? traits.scope : options.scope;
  checkIdle(options, wanted);
  const decoded = await clock.time('decode', () =>
    decodePhoto(bytes, { maxPixels: options.maxPixels, name: run.name }),
  );
  // A portrait is opaque: what lies hidden under transparent pixels must not come to light in it.
  const photo = wanted === 'portrait' ? await flattenPhoto(decoded) : decoded;
  const faces = await findFacesFor(wanted);
  const scope = faces.length > 0 || wanted === 'photo' ? wanted : scopeWithoutFaces(wanted, options);
  const names = stylesFor(scope, wanted, options);
  const [style, background] = scope ? await openStyles(names) : [];
  const drawn =
    style && scope
      ? await DRAW_SCOPE[scope]({ photo, faces, style, background, options, clock, run, notices })
      : [photo];
  const provenance = style && provenanceOf(await Promise.all(names.map((name) => studio.traits(name))));
  const { format, quality, keepMetadata } = options;
  const encoded = await clock.time('encode', () =>
    Promise.all(drawn.map((picture) => encodePhoto(picture, { format, quality, keepMetadata, provenance }))),
  );
  return {
    ...encoded[0],
    pictures: encoded.map(({ notices: _, ...picture }) => picture),
    faces,
    scope: scope ?? wanted,
    model: style?.id ?? traits.id,
    device: style?.device,
    deviceReason: style?.deviceReason,
    timings: clock.timings,
    notices: [...decoded.metadata.notices, ...notices, ...encoded[0].notices],
  };

  async function findFacesFor(asked: DrawnScope): Promise<Face[]> {
    if (asked === 'photo' && !options.landmarks) return [];
    const finder = await clock.time('open', () => studio.finder(options, pull));
    return clock.time('faces', () => finder.find(photo, options));
  }

  async function openStyles(wishes: readonly string[]): Promise<OpenStyle[]> {
    const open: OpenStyle[] = [];
    for (const name of wishes) open.push(await clock.time('open', () => studio.style(name, options, pull)));
    const fallen = options.device === 'auto' ? [] : open.filter(({ device }) => device !== options.device);
    notices.push(...new Set(fallen.map(({ deviceReason }) => deviceReason)));
    return open;
  }
}

function pullOptions(run: JobRun, clock: StageClock, notices: string[]): PullOptions {
  return {
    acceptLicence: run.acceptLicence,
    signal: run.signal,
    onProgress: (done, total) => clock.report({ stage: 'open', done, total }),
    onNotice: (sentence) => notices.push(sentence),
  };
}
