// Segments and the source -> the arguments that make a video of them.

import { secondsOf } from '../footage.js';
import { chapterFile, chaptersIn } from './chapters.js';
import { cutArguments, type MuxJob } from './job.js';
import { mp4Arguments } from './mp4.js';
import { sideArguments } from './sides.js';
import { SOURCE, subtitleSource } from './subtitles.js';

/** Arguments for ffmpeg but the place of the result; `list` names the segments. */
export async function videoArguments(job: MuxJob, list: string): Promise<string[]> {
  const { film, container, segments, part } = job;
  const first = secondsOf(segments[0].firstPts, film.timeBase) - film.startSeconds;
  const start = part?.fromSeconds ?? 0;
  const lead = first - start;
  const isMp4 = container.name === 'mp4' || container.name === 'mov';
  const subtitles = await subtitleSource(job);
  const chapters =
    part && (await job.folder.write('chapters.txt', chapterFile(chaptersIn(film.chapters, part))));
  return [
    ...(Math.abs(lead) > 1e-6 ? ['-itsoffset', lead.toFixed(6)] : []),
    ...['-f', 'concat', '-i', `file:${list}`],
    ...[...cutArguments(part), '-i', `file:${film.path}`],
    ...(subtitles.file === undefined ? [] : ['-i', `file:${subtitles.file}`]),
    ...(chapters === undefined ? [] : ['-f', 'ffmetadata', '-i', `file:${chapters}`]),
    ...['-map', '0:v:0', '-c:v', 'copy', '-copypriorss', '0'],
    ...sideArguments(film.audio, container.audio, { kind: 'a', input: SOURCE }),
    ...sideArguments(subtitles.streams, container.subtitles, { kind: 's', input: subtitles.input }),
    ...['-map_metadata', `${SOURCE}`],
    ...['-map_chapters', String(chapters === undefined ? SOURCE : subtitles.input + 1)],
    ...metadataArguments(job),
    ...(isMp4 ? await mp4Arguments(job) : []),
  ];
}

function metadataArguments({ film, provenance, keepLocation }: MuxJob): string[] {
  const { program, style, licenceNotice } = provenance;
  const places = film.tags.filter((name) => /location/i.test(name));
  const said = [
    ...(keepLocation ? [] : places.map((name) => `${name}=`)),
    `comment=Drawn in the style ${style} by ${program}`,
    ...(licenceNotice === undefined ? [] : [`copyright=${licenceNotice}`]),
  ];
  return said.flatMap((each) => ['-metadata', each]);
}
