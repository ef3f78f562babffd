// The line of waiting jobs: places under cancelling, ranks over a restart, the guess of when there is room, and its speed.

import assert from 'node:assert/strict';
import { retryAfterOf } from '../../../shared/bridge/busy.js';
import { Job } from '../../../shared/bridge/jobs/job.js';
import { parseLimits } from '../../../shared/bridge/jobs/limits.js';
import type { JobOrder } from '../../../shared/bridge/jobs/queue.js';
import { WaitingLine } from '../../../shared/bridge/jobs/waiting-line.js';
import { parseOptions } from '../../../shared/options.js';

/** The next job, out of the line. */
function shift(line: WaitingLine): Job | undefined {
  const job = line.first;
  if (job !== undefined) line.take(job);
  return job;
}

const LIMITS = parseLimits({ waiting: 10, waitingPerOwner: 10 });
const OPTIONS = parseOptions({});

const jobOf = (owner: string, priority?: JobOrder['priority']): Job =>
  new Job({ bytes: new Uint8Array(1), options: OPTIONS, owner, priority, seal: undefined });

/** The owners in the order of the line. */
function drain(line: WaitingLine): string {
  let owners = '';
  for (let job = shift(line); job !== undefined; job = shift(line)) owners += job.owner;
  return owners;
}

/** After how many seconds a full line has room for a photo of owner `a`, as it says. */
function guessFor(line: WaitingLine, bytes = 1): number | undefined {
  const order = { bytes: new Uint8Array(bytes), options: {}, owner: 'a' };
  try {
    line.checkRoom(order);
  } catch (error) {
    return retryAfterOf(error);
  }
  return assert.fail('the line is not full');
}

describe('the line of waiting jobs', () => {
  it('is as if a job that is taken back had never come', () => {
    for (const gone of [0, 1, 2, 3, 4, 5]) {
      const [line, without] = [new WaitingLine(LIMITS), new WaitingLine(LIMITS)];
      const jobs = [...'aaabbb'].map((owner) => jobOf(owner));
      for (const job of jobs) line.push(job);
      line.remove(jobs[gone]);
      for (const { owner } of jobs.toSpliced(gone, 1)) without.push(jobOf(owner));
      const places = jobs.toSpliced(gone, 1).map(({ status }) => status.position);
      assert.deepEqual([...places].sort(), [1, 2, 3, 4, 5]);
      assert.equal(drain(line), drain(without));
    }
  });

  it('keeps the jobs of an owner in their order when one is taken back', () => {
    const line = new WaitingLine(LIMITS);
    const jobs = [...'aaabbb'].map((owner) => jobOf(owner));
    for (const job of jobs) line.push(job);
    line.remove(jobs[0]);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map(() => jobs.indexOf(shift(line) ?? jobs[0])),
      [1, 3, 2, 4, 5],
    );
  });

  it('overlooks the removal of a job that does not wait', () => {
    const line = new WaitingLine(LIMITS);
    const job = jobOf('a');
    line.push(job);
    line.remove(jobOf('a'));
    shift(line);
    line.remove(job);
    assert.deepEqual([line.length, line.bytes], [0, 0]);
  });

  it('takes up after a restart where it was', () => {
    const line = new WaitingLine(LIMITS);
    const jobs = [...'aaabb'].map((owner) => jobOf(owner));
    const ranks = jobs.map((job) => line.push(job));
    ranks.push(line.push(jobOf('c', 'batch')));
    const again = new WaitingLine(LIMITS);
    for (const index of [4, 1, 5, 3, 2, 0]) again.resume(jobOf('aaabbc'[index]), ranks[index]);
    again.push(jobOf('d'));
    assert.equal(again.bytes, 7);
    assert.equal(drain(again), 'abdabac');
  });

  it('guesses sooner room where more jobs are drawn at once, and asks each time', () => {
    let atOnce = 1;
    const line = new WaitingLine(parseLimits({ waiting: 8, waitingBytes: 8 }), () => atOnce);
    line.learn(4_000);
    for (const owner of 'abababab') line.push(jobOf(owner));
    assert.deepEqual([guessFor(line, 1), guessFor(line, 8)], [4, 32]);
    atOnce = 4;
    assert.deepEqual([guessFor(line, 1), guessFor(line, 8)], [1, 8]);
    // Where nobody draws at the moment, somebody will.
    atOnce = 0;
    assert.equal(guessFor(line, 1), 4);
  });

  it('guesses by the order of the line when an owner has room again', () => {
    const line = new WaitingLine(parseLimits({ waitingPerOwner: 2 }));
    line.learn(1_000);
    for (const owner of 'aab') line.push(jobOf(owner, 'batch'));
    assert.equal(guessFor(line), 1);
    for (const owner of 'bc') line.push(jobOf(owner));
    assert.equal(guessFor(line), 3);
  });

  it('takes, moves and lets go of 10,000 jobs in no time', () => {
    const line = new WaitingLine(LIMITS);
    const begun = performance.now();
    for (let index = 0; index < 10_000; index++) line.push(jobOf(`${index % 100}`, 'batch'));
    const filled = performance.now();
    for (let index = 0; index < 10; index++) line.push(jobOf('late'));
    for (let index = 0; index < 10; index++) shift(line);
    const moved = performance.now();
    for (const job of line.lastFirst) line.remove(job);
    const tookMs = [filled - begun, moved - filled, performance.now() - moved].map(Math.round);
    assert.equal(line.length, 0);
    assert.ok(tookMs[0] < 10_000 && tookMs[1] < 2_000 && tookMs[2] < 2_000, `${tookMs.join(', ')} ms`);
  });
});
