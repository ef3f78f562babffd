// How often the client asks for its jobs.

import assert from 'node:assert/strict';
import { openClient } from '../../../shared/bridge/client.js';
import type { JobStatus } from '../../../shared/bridge/protocol.js';

const JPEG = new Uint8Array([0xff, 0xd8, 0xff]);
/** Enough for the pauses to have grown to their full length. */
const ASKS = 12;
const createdAt = '2026-01-01T00:00:00.000Z';

describe('a client that follows jobs', () => {
  it('asks for one often, wherever it stands in the line', async () => {
    for (const position of [undefined, 1, 64]) {
      const pauses = await pausesOf([position]);
      assert.ok(pauses[0] <= 60 && Math.max(...pauses) <= 500, pauses.join(', '));
    }
  });

  it('asks for many of them less often than the bridge allows, and at once for the next', async () => {
    const places = Array.from({ length: 64 }, (_, index) => index + 1);
    const pauses = (await pausesOf(places)).slice(-places.length);
    const perMinute = pauses.reduce((sum, ms) => sum + 60_000 / ms, 0);
    assert.ok(perMinute < 1_500, `${perMinute} a minute`);
    assert.ok(Math.min(...pauses) <= 500 && Math.max(...pauses) <= 4_000, pauses.join(', '));
  });

  it('asks for the one that is left as often as for one alone', async () => {
    const places = Array.from({ length: 64 }, (_, index) => index + 1);
    const client = openClient({ fetch: scriptedFetch(places) });
    await recordPauses(() => drawAll(client, 64));
    assert.ok(Math.max(...(await recordPauses(() => drawAll(client, 1)))) <= 500);
  });
});

/** The pauses of a client with a job at each of these places in the line, in the order in which they began. */
function pausesOf(places: readonly (number | undefined)[]): Promise<number[]> {
  const client = openClient({ fetch: scriptedFetch(places) });
  return recordPauses(() => drawAll(client, places.length));
}

async function drawAll(client: ReturnType<typeof openClient>, jobs: number): Promise<void> {
  await Promise.all(Array.from({ length: jobs }, () => client.stylize(JPEG)));
}

/** A bridge whose jobs stay where they are until they have been asked for so many times. */
function scriptedFetch(places: readonly (number | undefined)[]): typeof fetch {
  let ordered = 0;
  const asks = new Map<string, number>();
  return async (input, init) => {
    const id = init?.method === 'POST' ? String(ordered++) : /jobs\/(\d+)/.exec(String(input))?.[1];
    assert.ok(id !== undefined);
    const asked = asks.get(id) ?? 0;
    asks.set(id, asked + 1);
    return Response.json(asked < ASKS ? waiting(id, places[Number(id) % places.length]) : done(id));
  };
}

function waiting(id: string, position: number | undefined): JobStatus {
  return { id, state: position === undefined ? 'running' : 'queued', position, createdAt };
}

function done(id: string): JobStatus {
  const facts = { model: 'ink', scope: 'photo', timings: {} } as const;
  return { id, state: 'done', result: { ...facts, pictures: [], faces: [], notices: [] }, createdAt };
}

/** The pauses that are asked for meanwhile, in milliseconds; they pass at once. */
async function recordPauses(run: () => Promise<unknown>): Promise<number[]> {
  const { setTimeout } = globalThis;
  const pauses: number[] = [];
  const skip = (callback: () => void, ms = 0) => {
    pauses.push(ms);
    return setTimeout(callback, 0);
  };
  globalThis.setTimeout = Object.assign(skip, setTimeout);
  try {
    await run();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  return pauses;
}
