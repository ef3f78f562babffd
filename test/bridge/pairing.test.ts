// The pairing code: what it opens, and what guessing it costs.

import assert from 'node:assert/strict';
import { BridgeWorld, json, refused } from './world.js';

const PAGE_KEY = 'the-key-of-the-page';

describe('the pairing code', () => {
  const world = new BridgeWorld();
  beforeEach(async () => {
    await world.open({ pairing: { triesPerOpening: 7 }, pageKey: PAGE_KEY });
    world.events.length = 0;
  });
  afterEach(() => world.close());

  const tryCode = (code: string) => world.postJson('/pair', { code, name: 'guesser' });
  const wrong = () => String((Number(world.bridge.pairing.current().code) + 1) % 1_000_000).padStart(6, '0');

  it('has six digits and works once', async () => {
    const { code } = world.bridge.pairing.current();
    assert.match(code, /^\d{6}$/);
    json(await tryCode(code));
    if (world.bridge.pairing.current().code !== code) refused(await tryCode(code), 403, 'forbidden');
  });

  it('may be sent in two groups, as it is printed', async () => {
    const { code } = world.bridge.pairing.current();
    json(await tryCode(code.replace(/^.../, '$& ')));
  });

  it('is replaced after five wrong ones, and then works no more', async () => {
    const { code } = world.bridge.pairing.current();
    for (let guess = 0; guess < 5; guess++) refused(await tryCode(wrong()), 403, 'forbidden');
    refused(await tryCode(code), 403, 'forbidden');
    assert.deepEqual(
      world.events.map(({ event }) => event),
      ['code'],
    );
  });

  it('rests after too many wrong ones from wherever, says so, and leaves paired programs alone', async () => {
    for (let guess = 0; guess < 7; guess++) refused(await tryCode(wrong()), 403, 'forbidden');
    const answer = await tryCode(world.bridge.pairing.current().code);
    refused(answer, 429, 'busy');
    assert.ok(Number(answer.headers['retry-after']) > 0);
    assert.equal(world.events.at(-1)?.event, 'guessing');
    assert.equal((await world.call('/v1/options')).status, 200);
  });

  it('is there again at once when the person beside the bridge asks for one', async () => {
    for (let guess = 0; guess < 7; guess++) await tryCode(wrong());
    const { code } = world.bridge.pairing.current();
    world.bridge.pairing.show();
    assert.notEqual(world.bridge.pairing.current().code, code);
    assert.deepEqual(world.events.at(-1), {
      event: 'code',
      ...world.bridge.pairing.current(),
      reason: 'asked',
    });
    json(await tryCode(world.bridge.pairing.current().code));
  });

  it('is not worn out by what is no code', async () => {
    const { code } = world.bridge.pairing.current();
    for (let guess = 0; guess < 30; guess++) {
      refused(await tryCode('abcdef'), 400, 'options');
      refused(await tryCode('no-key-of-any-page'), 403, 'forbidden');
    }
    json(await tryCode(code));
  });

  it('expires', async () => {
    await world.close();
    await world.open({ pairing: { codeMs: 300 } });
    const { code } = world.bridge.pairing.current();
    await new Promise((resolve) => setTimeout(resolve, 350));
    world.events.length = 0;
    // Nobody keeps pairing open by trying.
    for (let guess = 0; guess < 10; guess++)
      assert.match(refused(await tryCode(code), 403, 'forbidden').message, /expired/);
    assert.deepEqual(world.events, []);
    json(await tryCode(world.bridge.pairing.current().code));
  });

  it('leaves the key of the page good as long, and no longer', async () => {
    await world.close();
    await world.open({ pairing: { codeMs: 300 }, pageKey: PAGE_KEY });
    await new Promise((resolve) => setTimeout(resolve, 350));
    refused(await tryCode(PAGE_KEY), 403, 'forbidden');
    world.bridge.pairing.show('another-key-of-the-page');
    refused(await tryCode(PAGE_KEY), 403, 'forbidden');
    json(await tryCode('another-key-of-the-page'));
  });

  it('pairs under a name that no terminal obeys', async () => {
    await world.pair('a\u001b[2Jb');
    const paired = world.events.find((event) => event.event === 'paired');
    assert.equal(paired?.name, 'a [2Jb');
  });

  it('says what it wants to be', async () => {
    assert.equal(
      refused(await tryCode('12345'), 400, 'options').message,
      'Expected six digits for code but received "12345"',
    );
    assert.match(
      refused(await world.postJson('/pair', []), 400, 'options').message,
      /a JSON object for the body/,
    );
  });

  it('is taken as JSON alone, small and complete', async () => {
    const { code } = world.bridge.pairing.current();
    const body = JSON.stringify({ code, name: 'x' });
    const post = (type: string, text: string) =>
      world.ask('/pair', { method: 'POST', headers: { 'content-type': type }, body: text });
    // What a form or a simple request of a web page can send.
    for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
      refused(await post(type, body), 400, 'options');
    refused(await post('application/json', '{'), 400, 'options');
    refused(await post('application/json', '{}'), 400, 'options');
    refused(await post('application/json', JSON.stringify({ code, name: 'x', extra: 1 })), 400, 'options');
    refused(
      await post('application/json', JSON.stringify({ code, name: 'x'.repeat(2_000) })),
      413,
      'photo-too-large',
    );
    assert.equal(world.bridge.pairing.current().code, code);
  });
});
