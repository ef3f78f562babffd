// `nigaoe worker`: signs in, draws, and finishes what it has when it is told to stop.

import { once } from 'node:events';
import { openDrawingWorker } from '../../bridge/fleet/drawing-worker.js';
import { addressOf } from '../../bridge/fleet/engine.js';
import type { DrawnEvent } from '../../bridge/fleet/worker.js';
import { expected } from '../../errors.js';
import { DEVICES, type Device } from '../../options.js';
import { PROGRAM } from '../../version.js';
import { checkDevices } from '../doctor/devices.js';
import type { FlagValues } from '../flags.js';
import { demandFleet } from '../fleet-flags.js';
import type { Stage } from '../perform.js';

const MOST_AT_ONCE = 64;

/** Draws until the signal is raised; 0. Throws what `openDrawingWorker` throws. */
export async function runWorker(flags: FlagValues, stage: Stage): Promise<number> {
  const fleet = demandFleet(flags);
  const { terminal, signal } = stage;
  const device = readDevice(flags.device);
  const concurrency = readConcurrency(flags.concurrency);
  const devices = (await checkDevices(signal)).filter(({ works }) => works).map((each) => each.device);
  const worker = await openDrawingWorker({
    fleet,
    device,
    devices,
    concurrency,
    home: flags.home === undefined ? undefined : String(flags.home),
    styles:
      flags.styles === undefined
        ? undefined
        : String(flags.styles)
            .split(',')
            .map((id) => id.trim()),
    onDrawn: (event) => report(event, stage),
    onNotice: (sentence) => terminal.notice(sentence),
  });
  const { id, models } = worker.card;
  const queue = addressOf(fleet);
  terminal.result(
    `${PROGRAM} draws for ${queue}, ${concurrency} at a time, on ${devices.join(', ')}; Ctrl-C stops it.\n` +
      `Models: ${Object.keys(models).sort().join(', ')}`,
    { event: 'ready', id, queue, concurrency, devices, models: Object.keys(models).sort() },
  );
  if (!signal.aborted) await once(signal, 'abort');
  if (worker.busy > 0)
    terminal.notice(`Finishes ${worker.busy === 1 ? '1 job' : `${worker.busy} jobs`} first.`);
  await worker.drain();
  return 0;
}

function report({ drawing, name, tookMs, failure }: DrawnEvent, { terminal }: Stage): void {
  const error = failure?.toJSON();
  terminal.jsonOnly({ event: 'drawn', drawing, name, tookMs: Math.round(tookMs), error });
  const what = name ?? drawing;
  const seconds = `${(tookMs / 1000).toFixed(1)} s`;
  if (!terminal.json)
    terminal.notice(error === undefined ? `${what} drawn in ${seconds}` : `${what}: ${error.message}`);
}

function readDevice(value: unknown): Device {
  const device = DEVICES.find((each) => each === (value ?? 'auto'));
  if (device === undefined) throw expected(`one of ${DEVICES.join(', ')}`, '--device', value);
  return device;
}

function readConcurrency(value: unknown): number {
  const number = Number(value ?? 1);
  if (Number.isInteger(number) && number >= 1 && number <= MOST_AT_ONCE) return number;
  throw expected(`a whole number from 1 to ${MOST_AT_ONCE}`, '--concurrency', value);
}
