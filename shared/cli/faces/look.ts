// One photo of `nigaoe faces`: read, looked at, told about, and marked where that is asked for.

import { throwIfCancelled } from '../../errors.js';
import type { Face } from '../../faces/face.js';
import type { FaceFinder } from '../../faces/finder.js';
import { drawLandmarks } from '../../faces/overlay.js';
import type { Options } from '../../options.js';
import { decodePhoto } from '../../photo/decode.js';
import { encodePhoto } from '../../photo/encode.js';
import type { Photo } from '../../photo/photo.js';
import { announce, type Place, type Task } from '../batch.js';
import { nameOf } from '../inputs/input.js';
import { readInput } from '../inputs/read.js';
import type { Desk } from '../outputs/desk.js';
import { formatFor, type Planned } from '../outputs/plan.js';
import type { Stage } from '../perform.js';
import { count, seconds, table } from '../terminal/wording.js';

/** What all photos of a run share. */
export interface LookJob {
  /** Where marked photos go; absent without `--draw`. */
  desk: Desk | undefined;
  finder: FaceFinder;
  options: Options;
  stage: Stage;
}

/** What was seen in one photo. */
interface Sight {
  photo: Photo;
  faces: readonly Face[];
  outputs: readonly string[];
  status: 'drawn' | 'kept' | 'found';
  notices: readonly string[];
}

/** The task of looking at one photo. */
export function lookTask(planned: Planned, job: LookJob): Task {
  const { input } = planned;
  return { label: input.label, name: nameOf(input), work: (place) => lookAt(planned, place, job) };
}

async function lookAt(planned: Planned, place: Place, job: LookJob): Promise<Sight['status']> {
  const { input } = planned;
  const { finder, options, stage } = job;
  const startMs = performance.now();
  announce(stage.terminal, place, input.label);
  const text = `${place.number} of ${place.of}  ${input.label}`;
  stage.terminal.progress({ done: place.number - 1, total: place.of, text });
  const bytes = await readInput(input, stage.signal);
  const photo = await decodePhoto(bytes, { maxPixels: options.maxPixels, name: nameOf(input) });
  throwIfCancelled(stage.signal);
  const faces = await finder.find(photo, options);
  throwIfCancelled(stage.signal);
  const format = planned.format ?? formatFor(bytes, options);
  const sight = { photo, faces, ...(await mark({ input, format }, { photo, faces }, job)) };
  tell(input.label, sight, { job, tookMs: performance.now() - startMs });
  return sight.status;
}

/** Draws the landmarks over the photo, unless an earlier run has done so or nobody asked. */
async function mark(
  planned: Planned,
  { photo, faces }: { photo: Photo; faces: readonly Face[] },
  { desk, options }: LookJob,
): Promise<Pick<Sight, 'outputs' | 'status' | 'notices'>> {
  const before = photo.metadata.notices;
  if (desk === undefined) return { outputs: [], status: 'found', notices: before };
  const kept = await desk.earlier(planned.input, planned.format);
  if (kept.length > 0) return { outputs: kept, status: 'kept', notices: before };
  const { format, quality, keepMetadata } = options;
  const encoded = await encodePhoto(drawLandmarks(photo, faces), { format, quality, keepMetadata });
  const outputs = await desk.deliver(planned.input, [encoded]);
  return { outputs, status: 'drawn', notices: [...before, ...encoded.notices] };
}

function tell(label: string, sight: Sight, { job, tookMs }: { job: LookJob; tookMs: number }): void {
  const { photo, faces, outputs, status, notices } = sight;
  const { terminal } = job.stage;
  for (const sentence of notices) terminal.notice(`${label}: ${sentence}`);
  const { detector, landmarker } = job.finder;
  const { width, height } = photo;
  const value = { input: label, outputs, status, width, height, faces, detector, landmarker, notices };
  terminal.result(linesFor(label, sight, tookMs), value);
}

function linesFor(label: string, { photo, faces, outputs, status }: Sight, tookMs: number): string {
  const kept = status === 'kept' ? ', kept; --force draws it again' : '';
  const where = outputs.length === 0 ? '' : ` -> ${outputs.join(', ')}`;
  const size = `${photo.width} x ${photo.height}`;
  const head = `${label}${where}  (${size}, ${count(faces.length, 'face')}, ${seconds(tookMs)}${kept})`;
  if (faces.length === 0) return head;
  const rows = faces.map(({ box, score }, index) => [
    `  ${index + 1}`,
    ...[box.x, box.y, box.width, box.height].map((px) => String(Math.round(px))),
    score.toFixed(2),
  ]);
  return `${head}\n${table([['  face', 'x', 'y', 'width', 'height', 'score'], ...rows])}`;
}
