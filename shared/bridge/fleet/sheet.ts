// A drawing as the bridge sees it: one, for all jobs that ordered the same.

import { NigaoeError } from '../../errors.js';
import type { Drawn } from '../jobs/drawing.js';
import type { Job } from '../jobs/job.js';
import type { Blobs } from './blobs.js';
import type { Needs } from './needs.js';
import type { DrawingResult } from './order.js';
import type { JobRecord } from './records.js';

export interface Sheet {
  id: string;
  needs: Needs;
  fingerprint: string;
  /** Hash of the photo's blob. */
  photo: string;
  /** Jobs that wait for it, or have what came of it, with their records. */
  members: Map<Job, JobRecord>;
  /** Since when it is drawn. */
  begunMs?: number;
  outcome?: Drawn | NigaoeError;
}

/** Failed for no reason that the photo gives: kept for somebody to look at. */
export const isGivenUp = (outcome: Sheet['outcome']): boolean =>
  outcome instanceof NigaoeError && outcome.code === 'internal';

/** Whether it is drawn already, or somebody still waits for it. */
export const isWanted = ({ outcome, members }: Sheet): boolean =>
  outcome !== undefined || [...members.keys()].some((job) => !job.ended);

/** What is kept of a job that waits for a drawing. */
export function recordOf(job: Job, { id: drawing, needs, photo, fingerprint }: Sheet): JobRecord {
  const { id, owner, seal, photoBytes, rank, status } = job;
  const { options, name, priority } = job.order;
  return {
    ...{ id, owner, createdAt: status.createdAt, options, photo, photoBytes, needs, drawing, fingerprint },
    ...(seal === undefined ? {} : { seal }),
    ...(name === undefined ? {} : { name }),
    ...(priority === undefined ? {} : { priority }),
    ...(rank === undefined ? {} : { rank }),
  };
}

/** What a worker laid down, read when it is asked for. */
export function drawnOf({ info, pictures }: DrawingResult, blobs: Blobs): Drawn {
  return {
    info,
    pictures: pictures.map(({ hash, type, byteLength }) => ({
      type,
      byteLength,
      read: async () => (await blobs.get(hash)) ?? Promise.reject(pictureGone()),
    })),
  };
}

const pictureGone = (): NigaoeError =>
  new NigaoeError('not-found', 'Expected the picture among those on their way but it is there no more', {
    hint: 'Draw the photo again.',
  });

/** For a drawing whose photo is there no more. */
export const photoGone = (): NigaoeError =>
  new NigaoeError('internal', 'internal: Redis has lost the photo before it was drawn', {
    hint: 'Draw the photo again; with append-only files (appendonly yes), Redis loses none.',
  });
