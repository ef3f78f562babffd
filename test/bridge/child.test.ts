// `nigaoe serve --child`, as a program runs it that keeps a bridge of its own.

import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openClient } from '../../shared/bridge/client.js';
import { makeSecret } from '../../shared/bridge/tokens/secret.js';
import { drawnPhoto } from '../isolated/photo.js';

const MAIN = fileURLToPath(new URL('../../shared/cli/main.js', import.meta.url));

describe('nigaoe serve --child', () => {
  const token = makeSecret('nigaoe_');
  let home: string;
  let child: ChildProcessWithoutNullStreams;

  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'nigaoe-child-'));
    const flags = ['serve', '--child', '--json', '--port', '0', '--home', home];
    child = spawn(process.execPath, [MAIN, ...flags], { env: { ...process.env, NIGAOE_OFFLINE: '1' } });
  });
  afterEach(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await rm(home, { recursive: true, force: true });
  });

  const firstLine = async () => {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return JSON.parse(line) as Record<string, unknown> & { port: number };
  };
  const listening = async () => {
    child.stdin.write(`${JSON.stringify({ token })}\n`);
    return `http://localhost:${(await firstLine()).port}`;
  };

  it('draws for the token that it was sent, which it writes nowhere', async () => {
    const client = openClient({ url: await listening(), token });
    const { pictures } = await client.stylize(await drawnPhoto(), { options: { style: 'ink' } });
    assert.equal(pictures.length, 1);
    assert.equal(existsSync(path.join(home, 'bridge')), false);
  });

  it('pairs nobody', async () => {
    const client = openClient({ url: await listening() });
    await assert.rejects(client.pair('123456', 'a guest'), {
      code: 'forbidden',
      message: /only knows tokens/,
    });
  });

  it('ends when its parent does', async () => {
    await listening();
    child.stdin.end();
    const [exitCode] = await once(child, 'exit');
    assert.equal(exitCode, 0);
  });

  it('ends in the middle of a job, which it drops', async () => {
    const client = openClient({ url: await listening(), token, retries: 0 });
    const photo = await drawnPhoto({ width: 3000, height: 2000 });
    const { id } = await client.submit(photo, { options: { style: 'ink' } });
    while ((await client.status(id)).state === 'queued')
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.stdin.end();
    const [exitCode] = await once(child, 'exit');
    assert.equal(exitCode, 0);
  });

  for (const [what, line] of [
    ['no token', '{}'],
    ['a token that can be guessed', '{"token": "nigaoe_secret"}'],
    ['no JSON', 'hello'],
  ])
    it(`refuses a first line with ${what}, without showing it`, async () => {
      child.stdin.write(`${line}\n`);
      const [said] = await Promise.all([firstLine(), once(child, 'exit')]);
      assert.equal(child.exitCode, 2);
      assert.match(JSON.stringify(said), /Expected a token in the first line of standard input/);
      assert.doesNotMatch(JSON.stringify(said), /nigaoe_secret|hello/);
    });

  it('ends when it is told to before it was sent a token', async () => {
    const spaces = ' '.repeat(1 << 20);
    // More than a pipe holds: it is taken when the child reads.
    await new Promise((resolve) => child.stdin.write(spaces, resolve));
    child.kill('SIGTERM');
    const [exitCode] = await once(child, 'exit');
    assert.equal(exitCode, 0);
  });

  it('ends when its parent went before it said anything', async () => {
    child.stdin.end();
    const [exitCode] = await once(child, 'exit');
    assert.equal(exitCode, 2);
  });
});
