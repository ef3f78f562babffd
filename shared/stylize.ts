// The journey of a photo: the one file that knows the order of the stations.

import type { Face } from './faces/face.js';
import { type JobRun, StageClock, type StylizeResult } from './job.js';
import type { PullOptions } from './models/store/pull.js';
import { traitsOf } from './models/styles.js';
import type { Options } from './options.js';
import { decodePhoto } from './photo/decode.js';
import { encodePhoto } from './photo/encode.js';
import { DRAW_SCOPE, type DrawnScope, scopeWithoutFaces } from './scopes.js';
import { provenanceOf } from './signature.js';
import type { Studio } from './studio.js';

/** Photo bytes in, drawn picture bytes out. Throws a NigaoeError of any code but `internal`. */
export async function stylize(
  bytes: Uint8Array,
  options: Options,
  studio: Studio,
  run: JobRun,
): Promise<StylizeResult> {
  const clock = new StageClock(run);
  const notices: string[] = [];
  const pull = pullOptions(run, clock, notices);
  const traits = traitsOf(options.style);
  const photo = await clock.time('decode', () =>
    decodePhoto(bytes, { maxPixels: options.maxPixels, name: run.name }),
  );
  const wanted = options.scope === 'auto' ? traits.scope : options.scope;
  const faces = await findFacesFor(wanted);
  const scope = faces.length > 0 || wanted === 'photo' ? wanted : scopeWithoutFaces(wanted, options);
  const style = scope && (await clock.time('open', () => studio.style(options.style, options, pull)));
  const behind = scope === 'faces' ? options.background : '';
  const background = behind ? await clock.time('open', () => studio.style(behind, options, pull)) : undefined;
  const drawn = style
    ? await DRAW_SCOPE[scope]({ photo, faces, style, background, options, clock, run, notices })
    : [photo];
  const provenance = style && provenanceOf(behind ? [traits, traitsOf(behind)] : [traits]);
  const encoded = await clock.time('encode', () =>
    Promise.all(drawn.map((picture) => encodePhoto(picture, { ...encodeOptions(options), provenance }))),
  );
  return {
    ...encoded[0],
    pictures: encoded.map(({ notices: _, ...picture }) => picture),
    faces,
    scope: scope ?? wanted,
    model: traits.id,
    device: style?.device,
    timings: clock.timings,
    notices: [...photo.metadata.notices, ...notices, ...encoded[0].notices],
  };

  async function findFacesFor(asked: DrawnScope): Promise<Face[]> {
    if (asked === 'photo' && !options.landmarks) return [];
    const finder = await clock.time('open', () => studio.finder(options, pull));
    return clock.time('faces', () => finder.find(photo, options));
  }
}

const encodeOptions = ({ format, quality, keepMetadata }: Options) => ({ format, quality, keepMetadata });

function pullOptions(run: JobRun, clock: StageClock, notices: string[]): PullOptions {
  return {
    acceptLicence: run.acceptLicence,
    signal: run.signal,
    onProgress: (done, total) => clock.report({ stage: 'open', done, total }),
    onNotice: (sentence) => notices.push(sentence),
  };
}
