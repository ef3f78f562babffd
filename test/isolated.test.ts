// The handle over a child process: the same drawings as in this process, and nothing that a crash or a cancel leaves behind.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NigaoeError } from '../shared/errors.js';
import { type IsolatedStylizer, type IsolationOptions, openIsolatedStylizer } from '../shared/isolated.js';
import type { JobRun, Progress, StylizeResult } from '../shared/job.js';
import { openStylizer } from '../shared/stylizer.js';
import type { Misbehaviour } from './isolated/misbehave.js';
import type { Ending } from './isolated/parent.js';
import { drawnPhoto, isAlive, untilGone } from './isolated/photo.js';
import { groupOf } from './isolated/process-group.js';

const PHOTO = { scope: 'photo' } as const;
/** Long enough to be met by a cancel; 12 MP keep the network busy for seconds. */
const LARGE = { width: 4000, height: 3000 };
const AT_FULL_SIZE = { scope: 'photo', maxSide: 4096 } as const;
/** Two seconds, and what a busy build machine may add. */
const CANCEL_LIMIT_MS = 3_500;

describe('an isolated stylizer', () => {
  let stylizer: IsolatedStylizer;
  let photo: Uint8Array;

  before(async () => {
    photo = await drawnPhoto();
  });
  beforeEach(async () => {
    stylizer = await openIsolatedStylizer();
  });
  afterEach(() => stylizer.close());

  async function reopen(options: IsolationOptions): Promise<void> {
    await stylizer.close();
    stylizer = await openIsolatedStylizer(options);
  }

  const drawPhoto = (run?: JobRun) => stylizer.stylize(photo, PHOTO, run);

  /** Draws the photo and returns the process that did. */
  async function drawnBy(): Promise<number> {
    await drawPhoto();
    assert.ok(stylizer.pid);
    return stylizer.pid;
  }

  describe('while all goes well', () => {
    it('draws what the stylizer in this process draws', async () => {
      const [there, here] = [await drawPhoto(), await drawHere(photo)];
      assert.deepEqual(withoutTimes(there), withoutTimes(here));
      assert.ok(there.bytes instanceof Uint8Array);
      assert.ok(there.timings.generate > 0);
    });

    it('tells the progress in the same order', async () => {
      const [there, here]: Progress[][] = [[], []];
      await drawPhoto({ onProgress: (progress) => there.push(progress) });
      await drawHere(photo, { onProgress: (progress) => here.push(progress) });
      assert.deepEqual(there, here);
      assert.equal(there[0]?.stage, 'decode');
      assert.equal(there.at(-1)?.stage, 'encode');
    });

    it('starts its process with the first job and keeps it for the next', async () => {
      assert.equal(stylizer.pid, undefined);
      const first = await drawnBy();
      assert.equal(await drawnBy(), first);
    });

    it('draws jobs that were asked for at once, one after the other', async () => {
      const stages: string[] = [];
      const draw = (job: string) => drawPhoto({ onProgress: ({ stage }) => stages.push(`${job} ${stage}`) });
      await Promise.all([draw('first'), draw('second')]);
      assert.ok(stages.lastIndexOf('first encode') < stages.indexOf('second decode'), stages.join(', '));
    });

    it('leaves no listener behind after 30 jobs', async () => {
      const warnings: Error[] = [];
      const collect = (warning: Error) => warnings.push(warning);
      process.on('warning', collect);
      await drawPhoto();
      const before = listenersOfThisProcess();
      const { signal } = new AbortController();
      await Promise.all(Array.from({ length: 30 }, () => drawPhoto({ signal })));
      assert.deepEqual(listenersOfThisProcess(), before);
      assert.deepEqual(warnings, []);
      process.off('warning', collect);
    });
  });

  describe('with a job that fails', () => {
    it('tells a mistyped style with code and hint', async () => {
      const wrong = stylizer.stylize(photo, { style: 'inkk' });
      const error = await failureOf(wrong);
      assert.equal(error.code, 'model-unknown');
      assert.match(error.message, /received "inkk"/);
      assert.match(error.hint ?? '', /Did you mean ink\?/);
    });

    it('tells what is no picture, and draws the next one in the same process', async () => {
      const pid = await drawnBy();
      const error = await failureOf(stylizer.stylize(new TextEncoder().encode('no picture'), PHOTO));
      assert.equal(error.code, 'photo-refused');
      assert.equal(await drawnBy(), pid);
    });

    it('refuses wrong options without starting a process', async () => {
      const error = await failureOf(stylizer.stylize(photo, { quality: 101 }));
      assert.equal(error.code, 'options');
      assert.equal(stylizer.pid, undefined);
    });

    it("fails with what the caller's own progress listener throws", async () => {
      const job = drawPhoto({
        onProgress: () => {
          throw new RangeError('from the listener');
        },
      });
      await assert.rejects(job, new RangeError('from the listener'));
      await drawPhoto();
    });

    it('refuses times that are none', async () => {
      await assert.rejects(openIsolatedStylizer({ idleMs: -1 }), { code: 'options' });
      await assert.rejects(openIsolatedStylizer({ cancelGraceMs: Number.NaN }), { code: 'options' });
    });
  });

  describe('whose process dies', () => {
    for (const signal of ['SIGKILL', 'SIGSEGV'] as const)
      it(`fails the running job after ${signal} and draws the queued one in a new process`, async () => {
        const pid = await drawnBy();
        const running = failureOf(drawPhoto({ onProgress: () => process.kill(pid, signal) }));
        const queued = drawPhoto();
        const error = await running;
        assert.equal(error.code, 'internal');
        assert.match(error.message, new RegExp(`died \\(signal ${signal}\\); the next job starts a new one`));
        await queued;
        assert.notEqual(stylizer.pid, pid);
      });

    it('tells the exit code and the last words', async () => {
      const error = await withChildThat('exit', () => failureOf(drawPhoto()));
      assert.match(error.message, /died \(exit code 7\)/);
      assert.match(String(error.cause), /these are its last words/);
      await drawPhoto();
    });

    it('survives a library that aborts', async () => {
      const error = await withChildThat('abort', () => failureOf(drawPhoto()));
      assert.match(error.message, /died \(signal SIGABRT\)/);
      assert.match(error.hint ?? '', /memory/);
      await drawPhoto();
    });

    it('draws at once in a new one when it was killed while it waited', async () => {
      const pid = await drawnBy();
      process.kill(pid, 'SIGKILL');
      assert.notEqual(await drawnBy(), pid);
    });

    it('fails each job once when none can start, and draws again when one can', async () => {
      const jobs = () => Promise.all([failureOf(drawPhoto()), failureOf(drawPhoto())]);
      for (const error of await withChildThat('start', jobs)) {
        assert.equal(error.code, 'internal');
        assert.match(error.message, /could not start \(exit code 3\)/);
        assert.match(String(error.cause), /a library is missing/);
      }
      await drawPhoto();
    });
  });

  describe('that is told to stop', () => {
    it('starts nothing for a signal that was raised before', async () => {
      const error = await failureOf(drawPhoto({ signal: AbortSignal.abort() }));
      assert.equal(error.code, 'cancelled');
      assert.equal(stylizer.pid, undefined);
    });

    it('drops a queued job at once and leaves the running one alone', async () => {
      const running = drawPhoto();
      const stop = new AbortController();
      const queued = failureOf(drawPhoto({ signal: stop.signal }));
      stop.abort();
      let drawn = false;
      void running.then(() => {
        drawn = true;
      });
      assert.equal((await queued).code, 'cancelled');
      assert.equal(drawn, false);
      await running;
    });

    it('ends a network that runs within two seconds and leaves no process', async () => {
      const large = await drawnPhoto(LARGE);
      const pid = await drawnBy();
      const { error, tookMs } = await cancelled('generate', (run) =>
        stylizer.stylize(large, AT_FULL_SIZE, run),
      );
      assert.equal(error.code, 'cancelled');
      assert.ok(tookMs < CANCEL_LIMIT_MS, `the cancel took ${tookMs} ms`);
      assert.ok(!isAlive(pid) || stylizer.pid === pid, 'a process was given up and still lives');
      await drawPhoto();
    });

    it('kills a job that hears nothing, and draws the queued one', async () => {
      const { error, tookMs, pid } = await withChildThat('stuck', () => cancelled('decode', drawPhoto));
      assert.equal(error.code, 'cancelled');
      assert.ok(tookMs < CANCEL_LIMIT_MS, `the cancel took ${tookMs} ms`);
      assert.equal(isAlive(pid), false);
      assert.notEqual(await drawnBy(), pid);
    });

    it('keeps the process when the job stops by itself', async () => {
      await reopen({ cancelGraceMs: 30_000 });
      const large = await drawnPhoto(LARGE);
      const pid = await drawnBy();
      const { error } = await cancelled('decode', (run) => stylizer.stylize(large, AT_FULL_SIZE, run));
      assert.equal(error.code, 'cancelled');
      assert.equal(await drawnBy(), pid);
    });

    /** Raises the signal when the job reaches the stage; how it failed, how long after, and in which process it ran. */
    async function cancelled(at: Progress['stage'], draw: (run: JobRun) => Promise<StylizeResult>) {
      const stop = new AbortController();
      let [startMs, pid] = [0, 0];
      const onProgress = ({ stage }: Progress) => {
        if (stage !== at || stop.signal.aborted) return;
        startMs = performance.now();
        pid = stylizer.pid ?? 0;
        stop.abort();
      };
      const error = await failureOf(draw({ signal: stop.signal, onProgress }));
      return { error, pid, tookMs: performance.now() - startMs };
    }
  });

  describe('without work', () => {
    it('gives its process up, and starts another for the next job', async () => {
      await reopen({ idleMs: 100 });
      const pid = await drawnBy();
      await untilGone(pid);
      assert.equal(stylizer.pid, undefined);
      assert.notEqual(await drawnBy(), pid);
    });

    it('serves a job that comes while the process is ending', async () => {
      await reopen({ idleMs: 1 });
      for (let job = 0; job < 3; job++) {
        await drawPhoto();
        await delay(job);
      }
    });

    it('keeps it for ever with idleMs 0', async () => {
      await reopen({ idleMs: 0 });
      const pid = await drawnBy();
      await delay(300);
      assert.equal(isAlive(pid), true);
    });
  });

  describe('that is closed', () => {
    it('finishes its jobs, refuses new ones and ends the process', async () => {
      const jobs = [drawPhoto(), drawPhoto()];
      const pid = await new Promise<number>((resolve) => {
        jobs.push(drawPhoto({ onProgress: () => resolve(stylizer.pid ?? 0) }));
      });
      const closing = stylizer.close();
      await assert.rejects(drawPhoto(), /closed/);
      await closing;
      assert.equal((await Promise.all(jobs)).length, 3);
      assert.equal(isAlive(pid), false);
    });

    it('closes again, and without ever having drawn', async () => {
      await stylizer.close();
      await stylizer.close();
    });

    it('kills a process that does not end', async () => {
      const pid = await withChildThat('close', drawnBy);
      await stylizer.close();
      assert.equal(isAlive(pid), false);
    });
  });

  describe('in its surroundings', () => {
    it('draws on after a Ctrl-C that the parent decided to survive', async () => {
      const pid = await drawnBy();
      await drawPhoto({ onProgress: () => process.kill(pid, 'SIGINT') });
      assert.equal(await drawnBy(), pid);
    });

    it('stands in a group of its own, so that Ctrl-C in a terminal does not reach it while it starts', async function () {
      if (process.platform !== 'linux') return this.skip();
      assert.notEqual(groupOf(await drawnBy()), groupOf(process.pid));
    });

    for (const ending of ['close', 'idle'] as const)
      it(`lets a program end by itself: ${ending}`, async () => {
        const { ended, pid } = await startParent(ending);
        assert.deepEqual(await ended, [0, null]);
        await untilGone(pid);
      });

    it('follows a parent that was killed', async () => {
      const { parent, pid } = await startParent('wait');
      assert.equal(isAlive(pid), true);
      parent.kill('SIGKILL');
      await untilGone(pid);
    });

    it('follows a parent that was killed in the middle of a network', async () => {
      const { parent, pid } = await withChildThat('stuck', () => startParent('report'));
      parent.kill('SIGKILL');
      await untilGone(pid);
    });

    it('follows a parent that exits in the middle of a job', async () => {
      const { ended, pid } = await startParent('exit');
      assert.deepEqual(await ended, [0, null]);
      await untilGone(pid);
    });

    it("keeps the process's noise out of the parent's output", async () => {
      const { ended, output } = await withChildThat('noise', () => startParent('close'));
      await ended;
      assert.match(output(), /^\d+\n$/);
    });

    it('does not wait for a debugger that the parent was started with', async () => {
      await withNodeOptions('--inspect-brk=127.0.0.1:0', drawPhoto);
    });
  });
});

async function drawHere(photo: Uint8Array, run?: JobRun): Promise<StylizeResult> {
  const stylizer = await openStylizer();
  try {
    return await stylizer.stylize(photo, PHOTO, run);
  } finally {
    await stylizer.close();
  }
}

function withoutTimes({ timings: _, bytes, pictures, ...rest }: StylizeResult) {
  const plain = pictures.map((picture) => ({
    ...picture,
    bytes: Buffer.from(picture.bytes).toString('base64'),
  }));
  return { ...rest, bytes: Buffer.from(bytes).toString('base64'), pictures: plain };
}

/** What the job fails with, which must be one of ours. */
async function failureOf(job: Promise<unknown>): Promise<NigaoeError> {
  const error: unknown = await job.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof NigaoeError, `expected a failure but got ${String(error)}`);
  return error;
}

function listenersOfThisProcess(): [string, number][] {
  return process.eventNames().map((name) => [String(name), process.listenerCount(name)]);
}

/** Processes that start during the work have the fixture loaded into them. */
function withChildThat<Result>(deed: Misbehaviour, work: () => Promise<Result>): Promise<Result> {
  const fixture = new URL('isolated/misbehave.js', import.meta.url);
  return withNodeOptions(`--import=${fixture.href}?deed=${deed}`, work);
}

async function withNodeOptions<Result>(flags: string, work: () => Promise<Result>): Promise<Result> {
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = before === undefined ? flags : `${before} ${flags}`;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
}

/** Starts the program and waits until it has printed its drawing process. */
async function startParent(ending: Ending) {
  const program = fileURLToPath(new URL('isolated/parent.js', import.meta.url));
  const parent = spawn(process.execPath, [program, ending], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(parent, 'close');
  let text = '';
  parent.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(parent.stdout, 'data');
  return { parent, ended, pid: Number.parseInt(text, 10), output: () => text };
}
