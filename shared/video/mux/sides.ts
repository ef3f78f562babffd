// Sound and subtitles on their way into the result: copied where its container takes them, encoded anew or left out where not.

import type { Container } from '../containers.js';
import type { Film, SideStream } from '../film.js';

/** Arguments that map and encode these streams; `input` is the number of the file that they come from. */
export function sideArguments(
  streams: readonly SideStream[],
  codecs: Container['audio'],
  { kind, input }: { kind: 'a' | 's'; input: number },
): string[] {
  return keptStreams(streams, codecs).flatMap(({ index, codec }, at) => [
    ...['-map', `${input}:${index}`],
    ...[`-c:${kind}:${at}`, codecs?.takes(codec) ? 'copy' : (codecs?.encoder ?? 'copy')],
  ]);
}

/** The streams that the container takes, as they are or encoded anew. */
export const keptStreams = (streams: readonly SideStream[], codecs: Container['audio']): SideStream[] =>
  streams.filter(({ codec }) => codecs?.takes(codec) || codecs?.converts(codec));

/** Those that are encoded anew. */
export const changedStreams = (streams: readonly SideStream[], codecs: Container['audio']): SideStream[] =>
  keptStreams(streams, codecs).filter(({ codec }) => !codecs?.takes(codec));

/** Sentences about sound and subtitles that do not come through as they are. */
export function sideNotices({ audio, subtitles }: Film, { name, ...container }: Container): string[] {
  return [
    ...notices('sound', audio, container.audio),
    ...notices('subtitles', subtitles, container.subtitles),
  ].map((sentence) => `${name} does not take ${sentence}`);
}

function notices(what: string, streams: readonly SideStream[], codecs: Container['audio']): string[] {
  const kept = keptStreams(streams, codecs);
  const lost = streams.filter((stream) => !kept.includes(stream)).map(({ codec }) => codec);
  const changed = changedStreams(streams, codecs).map(({ codec }) => codec);
  return [
    ...[...new Set(changed)].map((codec) => `${what} as ${codec}: encoded anew as ${codecs?.encoder}`),
    ...[...new Set(lost)].map((codec) => `${what} as ${codec}: left out`),
  ];
}
