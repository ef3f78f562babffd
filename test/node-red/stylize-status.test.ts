// What stands under the node nigaoe-stylize in the editor.

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { NigaoeError } from '../../shared/errors.js';
import { NodeRedWorld, until } from './helper.js';
import { foreign, jpeg, openFlow, ScriptedEngine } from './stylize-world.js';

describe('the status of nigaoe-stylize', () => {
  const red = NodeRedWorld.inSuite();
  let engine: ScriptedEngine;
  beforeEach(() => {
    engine = new ScriptedEngine();
  });
  const open = () => openFlow(red, engine);
  /** The last words of all that it has shown from its first moment on. */
  const told = () => engine.looks.map(({ text }) => text?.split('.').at(-1));

  it('tells waiting, progress and done', async () => {
    const { send, statuses, completed } = await open();
    send({ payload: jpeg() });
    send({ payload: jpeg() });
    const asked = await engine.next();
    await delay(20);
    asked.report({ state: 'queued', position: 2 });
    const progress = { stage: 'generate', done: 1, total: 2, fraction: 0.456 };
    asked.report({ progress });
    asked.report({ progress });
    asked.finish();
    (await engine.next()).finish();
    await until('the end', () => completed.length === 2);
    const looks = statuses.filter(({ text }) => text !== undefined);
    const told = looks.map(({ fill, shape, text }) => `${fill} ${shape} ${text?.split('.').at(-1)}`);
    assert.deepEqual(told, ['yellow ring queued', 'blue dot drawingMore', 'green dot done']);
  });

  it('tells of an engine that fails, why, and of its return, while nothing is drawn', async () => {
    await open();
    for (let failed = 0; failed < 3; failed++) {
      engine.tell({ state: 'failed', code: 'unauthorised', reason: 'x' });
      engine.tell({ state: 'starting' });
    }
    engine.tell({ state: 'ready' });
    engine.tell({ state: 'failed', code: 'unreachable', reason: 'x' });
    engine.tell({ state: 'failed', code: 'not-found', reason: 'x' });
    engine.tell({ state: 'failed', code: 'store-unwritable', reason: 'x' });
    engine.tell({ state: 'ready' });
    assert.deepEqual(told(), [undefined, 'noAccess', undefined, 'noEngine', undefined]);
    assert.deepEqual(engine.looks.at(-1), {});
  });

  it('tells of an engine that has failed before, as after a deploy of the node alone', async () => {
    engine.news = { state: 'failed', code: 'unauthorised', reason: 'x' };
    await open();
    assert.deepEqual(told(), [undefined, 'noAccess']);
  });

  it('forgets a failure of the engine when that is well again, and no other', async () => {
    const { send, caught } = await open();
    send({ payload: jpeg() });
    (await engine.next()).fail(foreign(new NigaoeError('unreachable', 'gone')));
    await until('the error', () => caught.length === 1);
    engine.tell({ state: 'ready' });
    send({ payload: 'ON' });
    await until('the error', () => caught.length === 2);
    engine.tell({ state: 'ready' });
    assert.deepEqual(told(), [undefined, 'noEngine', undefined, 'noPicture']);
  });

  it('is empty after a deploy, whatever it was before, and stays so', async () => {
    const { send } = await open();
    assert.deepEqual(engine.looks, [{}]);
    send({ payload: jpeg() });
    const asked = await engine.next();
    asked.report({});
    await red.unload();
    assert.deepEqual(told(), [undefined, 'drawing']);
  });

  it('tells that the engine is being started', async () => {
    const { send, statuses } = await open();
    engine.tell({ state: 'starting' });
    send({ payload: jpeg() });
    (await engine.next()).finish();
    await until('the status', () => statuses.some(({ text }) => text?.endsWith('starting')));
  });
});
