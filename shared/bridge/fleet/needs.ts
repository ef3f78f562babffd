// What a job needs of whoever draws it, what a worker has, and whether the one meets the other.

import { NigaoeError } from '../../errors.js';
import type { Options } from '../../options.js';
import type { StyleInfo } from '../protocol.js';

/** What must be there to draw a job. */
export interface Needs {
  /** Ids of styles, detectors and landmark networks. */
  models: string[];
  /** Where the job insists on one. */
  device?: string;
}

/** What a worker tells of itself. */
export interface WorkerCard {
  id: string;
  host: string;
  pid: number;
  version: string;
  /** Ids of models that it draws with, each with the hash of its files as far as they are known. */
  models: Record<string, string>;
  /** The styles among them, as front ends are told of them. */
  styles: StyleInfo[];
  devices: string[];
  /** Jobs that it draws at the same time. */
  hands: number;
  busy: number;
  /** Finishes what it has and takes nothing new. */
  isDraining: boolean;
  /** ISO 8601, UTC. */
  startedAt: string;
}

type Wishes = Pick<Options, 'style' | 'background' | 'detector' | 'landmarker' | 'device' | 'requireDevice'>;

/** Words of the options that are no model of their own. */
const NO_MODEL: ReadonlySet<string> = new Set(['', 'auto', 'embedded']);

export function needsOf({ style, background, detector, landmarker, ...wishes }: Wishes): Needs {
  const models = [style, background, detector, landmarker].filter((id) => !NO_MODEL.has(id));
  const isFirm = wishes.requireDevice && wishes.device !== 'auto';
  return { models: [...new Set(models)].sort(), ...(isFirm ? { device: wishes.device } : {}) };
}

/** Jobs of equal needs wait in one lane, `hayao+ink@cuda`. */
export const laneOf = ({ models, device }: Needs): string =>
  // BullMQ parts its keys by colons.
  (models.join('+') + (device === undefined ? '' : `@${device}`)).replaceAll(':', '%');

export const meets = ({ models, devices }: Pick<WorkerCard, 'models' | 'devices'>, needs: Needs): boolean =>
  needs.models.every((id) => Object.hasOwn(models, id)) &&
  (needs.device === undefined || devices.includes(needs.device));

/** Whether any of the workers meets the needs; those that drain take nothing new. */
export const canServe = (cards: readonly WorkerCard[], needs: Needs): boolean =>
  cards.some((card) => !card.isDraining && meets(card, needs));

/** Throws what is missing where no living worker meets the needs. */
export function checkNeeds(cards: readonly WorkerCard[], needs: Needs): void {
  if (canServe(cards, needs)) return;
  const living = cards.filter(({ isDraining }) => !isDraining);
  const count = living.length === 1 ? 'the one living worker' : `any of ${living.length} living workers`;
  if (living.length === 0)
    throw new NigaoeError(
      'model-missing',
      'Expected a worker that draws but none is connected to the queue',
      {
        hint: 'Start one with `nigaoe worker --queue redis://...`; the job was not taken.',
      },
    );
  const nowhere = needs.models.find((id) => !living.some(({ models }) => Object.hasOwn(models, id)));
  if (nowhere !== undefined)
    throw new NigaoeError('model-missing', `Expected ${nowhere} on ${count} but it is on none`, {
      hint: `Run \`nigaoe models pull ${nowhere}\` on a worker, or start one whose --styles name it; the job was not taken.`,
    });
  const { device } = needs;
  if (device !== undefined && !living.some(({ devices }) => devices.includes(device)))
    throw new NigaoeError('device-absent', `Expected the device ${device} on ${count} but it is on none`, {
      hint: 'Leave requireDevice out, or start a worker that has the device; the job was not taken.',
    });
  throw new NigaoeError(
    'model-missing',
    `Expected one worker with all of ${laneOf(needs)} but each of ${living.length} lacks some`,
    {
      hint: 'Pull what is missing on one of them; `nigaoe queue status` lists what each has. The job was not taken.',
    },
  );
}
