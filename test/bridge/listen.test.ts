// The sockets of the bridge: how they close while answers are on their way.

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_LIMITS } from '../../shared/bridge/limits.js';
import { listenOn } from '../../shared/bridge/listen.js';

/** More than the system keeps between two programs. */
const ANSWER = Buffer.alloc(64 * 2 ** 20);

describe('the sockets of the bridge, closing', () => {
  const open = async () => {
    const wishes = { port: 0, addresses: ['127.0.0.1'], limits: DEFAULT_LIMITS };
    const listening = await listenOn((_, answer) => void answer.end(ANSWER), wishes);
    return { listening, answer: await fetch(`http://127.0.0.1:${listening.port}`) };
  };

  it('let an answer arrive that is read slowly', async () => {
    const { listening, answer } = await open();
    const closing = listening.close(60_000);
    await delay(200);
    assert.equal((await answer.arrayBuffer()).byteLength, ANSWER.length);
    await closing;
  });

  it('cut off an answer that nobody reads in time', async () => {
    const { listening, answer } = await open();
    await listening.close(50);
    await assert.rejects(answer.arrayBuffer());
  });
});
