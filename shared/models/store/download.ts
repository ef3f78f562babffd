// Brings one file of a model into the store: source after source, try after try, resumed, counted and hashed on the way.

import { setTimeout as pause } from 'node:timers/promises';
import { NigaoeError, throwIfCancelled } from '../../errors.js';
import type { ModelFile } from '../entry.js';
import { openSource } from './fetch-range.js';
import { openPart, type PartFile } from './part-file.js';
import type { StoreSettings } from './settings.js';
import { nameOf, type Source, SourceFailure } from './sources.js';

interface DownloadJob {
  /** Id of the model, for messages. */
  id: string;
  file: ModelFile;
  /** Absolute path at which the file shall be. */
  target: string;
  sources: readonly Source[];
  settings: Pick<StoreSettings, 'stallMs' | 'attempts' | 'backoffMs' | 'offline'>;
  /** `totalBytes` is unknown where neither the catalogue nor the source tells the size. */
  onProgress?: ((receivedBytes: number, totalBytes: number | undefined) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** A try that brought at least this much is progress, and progress gives a weak line all its tries again. */
const PROGRESS_BYTES = 1024 * 1024;

/**
 * Downloads the file and puts it in its place. What is received of a broken or cancelled download stays as `.part` for the
 * next call. Throws `model-download` (no source could deliver), `model-corrupt` (all they had was another file),
 * `model-missing` (nowhere to ask), `store-unwritable` or `cancelled`.
 */
export async function downloadFile(job: DownloadJob): Promise<void> {
  if (job.sources.length === 0) throw nowhere(job);
  const part = await openPart(job.target, job.file);
  try {
    if (!(await part.isRight())) {
      if (part.received === job.file.bytes) await part.restart();
      await fill(part, job);
    }
    await part.finish();
  } finally {
    await part.close();
  }
}

async function fill(part: PartFile, job: DownloadJob): Promise<void> {
  const failures: [Source, SourceFailure][] = [];
  for (const source of job.sources) {
    const failure = await exhaust(source, part, job);
    if (failure === undefined) return;
    failures.push([source, failure]);
  }
  throw summary(job, failures, part.received > 0);
}

/** Tries one source until it has delivered (undefined) or is not worth another try (why). */
async function exhaust(source: Source, part: PartFile, job: DownloadJob): Promise<SourceFailure | undefined> {
  let failed = 0;
  let mayStartAgain = true;
  for (;;) {
    const before = part.received;
    const failure = await attempt(source, part, job);
    if (failure === undefined) return undefined;
    if (failure.verdict === 'wrong') await part.restart();
    // Bytes of an earlier try may have been the wrong ones: the source gets one chance from the start.
    if (failure.verdict === 'wrong' && before > 0 && mayStartAgain) {
      mayStartAgain = false;
      continue;
    }
    if (failure.verdict !== 'retry') return failure;
    failed = part.received - before >= PROGRESS_BYTES ? 1 : failed + 1;
    if (failed >= job.settings.attempts) return failure;
    await wait(Math.max(failure.retryAfterMs, job.settings.backoffMs * 2 ** (failed - 1)), job.signal);
  }
}

async function attempt(source: Source, part: PartFile, job: DownloadJob): Promise<SourceFailure | undefined> {
  try {
    await pour(source, part, job);
    return undefined;
  } catch (error) {
    if (error instanceof SourceFailure) return error;
    throw error;
  }
}

async function pour(source: Source, part: PartFile, job: DownloadJob): Promise<void> {
  throwIfCancelled(job.signal);
  const from = nameOf(source);
  const { file, signal } = job;
  const etag = await part.etagOf(from);
  const ask = { file, offset: part.received, etag, stallMs: job.settings.stallMs, signal };
  const delivery = await openSource(source, ask);
  let fresh = true;
  for await (const chunk of delivery.chunks) {
    throwIfCancelled(signal);
    if (fresh && delivery.startsAt === 0) await part.restart();
    if (fresh) await part.begin(from, delivery);
    fresh = false;
    await part.write(chunk);
    job.onProgress?.(part.received, part.totalBytes);
  }
  const totalBytes = file.bytes ?? delivery.totalBytes ?? 0;
  if (part.received < totalBytes) throw new SourceFailure('retry', `ended after ${part.received} bytes`);
  if (!(await part.isRight()))
    throw new SourceFailure('wrong', 'sent another content than the catalogue promises');
}

async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined);
  throwIfCancelled(signal);
}

function summary(
  job: DownloadJob,
  failures: readonly [Source, SourceFailure][],
  hasBegun: boolean,
): NigaoeError {
  const tried = failures.map(([source, failure]) => `${nameOf(source)} ${failure.message}`).join('; ');
  const verdicts = failures.map(([, failure]) => failure.verdict);
  if (job.settings.offline && verdicts.every((verdict) => verdict === 'absent')) return nowhere(job, tried);
  if (
    verdicts.every((verdict) => verdict === 'unresolved' || verdict === 'absent') &&
    verdicts.includes('unresolved')
  )
    return offTheNet(job, tried);
  const foreign = verdicts.some((verdict) => verdict === 'wrong' || verdict === 'unfit');
  // Where the line was to blame too, a later try may still bring the right file.
  const corrupt = foreign && !verdicts.includes('retry') && !verdicts.includes('unresolved');
  const { name, bytes } = job.file;
  const file = bytes === undefined ? name : `${name} (${bytes} bytes)`;
  return new NigaoeError(
    corrupt ? 'model-corrupt' : 'model-download',
    `Expected ${file} of the model ${job.id} from one of its sources, but ${tried}`,
    { hint: corrupt ? OTHER_FILE : tryAgain(hasBegun), cause: failures.at(-1)?.[1] },
  );
}

/** No name of a source leads anywhere: that is the network of this machine, not the sources. */
function offTheNet({ id, file }: DownloadJob, tried: string): NigaoeError {
  const message = `Expected ${file.name} of the model ${id} from one of its sources, but there is no network, or their names cannot be resolved: ${tried}`;
  const hint = `Connect to the network and try again, or ${WITHOUT_NETWORK}`;
  return new NigaoeError('model-download', message, { hint });
}

const WITHOUT_NETWORK =
  'set NIGAOE_MIRROR to a folder or URL that has the file; ' +
  'behind a proxy set NODE_USE_ENV_PROXY=1 on Node 22.21 or later';
const tryAgain = (hasBegun: boolean): string =>
  `Try again${hasBegun ? ' (it goes on where it broke off)' : ''}, or ${WITHOUT_NETWORK}`;
const OTHER_FILE =
  'What the sources have is not the file that was checked for the catalogue: set NIGAOE_MIRROR to a folder or URL that has it';

function nowhere({ id, file, target, settings }: DownloadJob, tried?: string): NigaoeError {
  const why = settings.offline ? 'NIGAOE_OFFLINE forbids the network' : 'no address is known for it';
  const isImported = file.urls.length === 0;
  if (isImported)
    return new NigaoeError(
      'model-missing',
      `Expected ${file.name} of the model ${id} in the store, but it is not there`,
      {
        hint: `Import it again: \`nigaoe models import FILE --id ${id} --replace\`.`,
      },
    );
  const hint = settings.offline
    ? `Run \`nigaoe models pull ${id}\` without NIGAOE_OFFLINE, or set NIGAOE_MIRROR to a folder that has ${file.name}`
    : `Set NIGAOE_MIRROR to a folder that has ${file.name}, or copy the file to ${target}`;
  return new NigaoeError(
    'model-missing',
    `Expected ${file.name} of the model ${id} in the store, but it is not there and ${why}` +
      (tried === undefined ? '' : `; ${tried}`),
    { hint },
  );
}
