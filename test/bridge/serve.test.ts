// `nigaoe serve` and `nigaoe tokens`, as their users run them.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CliWorld, type Finished } from '../cli/cli-world.js';
import { drawnPhoto } from '../isolated/photo.js';

interface Said {
  event: string;
  port: number;
  page: string;
  pairing: { code: string };
  code?: string;
}

describe('nigaoe serve', () => {
  const world = CliWorld.inSuite();

  /** Serves on a free port, does the work as soon as the bridge listens, and stops it with Ctrl-C. */
  async function serving(
    flags: readonly string[],
    work: (said: Said, base: string) => Promise<void>,
  ): Promise<Finished> {
    let started = false;
    let working: Promise<void> = Promise.resolve();
    const finished = await world.run(['serve', '--json', '--port', '0', ...flags], {
      onStdout: (text, kill) => {
        if (started || !text.includes('\n')) return;
        started = true;
        const said = JSON.parse(text.split('\n')[0]) as Said;
        working = work(said, `http://localhost:${said.port}`).finally(() => kill('SIGINT'));
      },
    });
    await working;
    return finished;
  }

  const pair = (base: string, code: string, name: string) =>
    fetch(`${base}/pair`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code, name }),
    });

  it('pairs by the code that it shows, lists the program, and ends with Ctrl-C', async () => {
    const { exitCode, json, stderr } = await serving([], async ({ pairing, page }, base) => {
      assert.match(page, /^http:\/\/localhost:\d+\/#key=[\w-]{22,}$/);
      const { token, id } = (await (await pair(base, pairing.code, 'Figma on Mac')).json()) as Record<
        string,
        string
      >;
      const headers = { authorization: `Bearer ${token}` };
      assert.equal((await fetch(`${base}/v1/styles`, { headers })).status, 200);
      const listed = await world.run(['tokens', 'list']);
      assert.match(listed.stdout.toString(), new RegExp(`${id} +Figma on Mac +20\\d\\d`));
      const revoked = await world.run(['tokens', 'revoke', id]);
      assert.equal(revoked.exitCode, 0);
      assert.equal((await fetch(`${base}/v1/styles`, { headers })).status, 401);
      assert.ok(!`${listed.stdout}${listed.stderr}`.includes(token));
    });
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(
      json.map(({ event }) => event),
      ['listening', 'code', 'paired'],
    );
    assert.doesNotMatch(JSON.stringify(json), /nigaoe_/);
  });

  it('hands the page a token for its key, which no list shows', async () => {
    await serving([], async ({ page }, base) => {
      const key = new URL(page).hash.replace('#key=', '');
      const { token } = (await (await pair(base, key, 'this page')).json()) as { token: string };
      const answer = await fetch(`${base}/v1/pairing`, { headers: { authorization: `Bearer ${token}` } });
      assert.match(((await answer.json()) as { code: string }).code, /^\d{6}$/);
      assert.doesNotMatch((await world.run(['tokens', 'list'])).stdout.toString(), /this page/);
    });
  });

  it('makes a new code and a new address of the page for each line that it is given', async () => {
    const said: Said[] = [];
    await world.run(['serve', '--json', '--port', '0'], {
      stdin: Buffer.from('\n'),
      onStdout: (text, kill) => {
        said.splice(0, said.length, ...linesOf(text));
        if (said.some(({ event }) => event === 'page')) kill('SIGINT');
      },
    });
    const [opened, code, page] = said;
    assert.deepEqual([code.event, page.event], ['code', 'page']);
    assert.notEqual(code.code, opened.pairing.code);
    assert.match(page.page, /#key=[\w-]{22,}$/);
    assert.notEqual(page.page, opened.page);
  });

  it('says after Ctrl-C for how many jobs it waits', async () => {
    const { stderr, json } = await serving([], async ({ pairing }, base) => {
      const { token } = (await (await pair(base, pairing.code, 'x')).json()) as { token: string };
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'image/jpeg' };
      const body = Buffer.from(await drawnPhoto({ width: 3000, height: 2000 }));
      const ordered = await fetch(`${base}/v1/jobs?scope=photo`, { method: 'POST', headers, body });
      const { id } = (await ordered.json()) as { id: string };
      // Nobody wants it any more once it has been told.
      setTimeout(
        () => void fetch(`${base}/v1/jobs/${id}`, { method: 'DELETE', headers }).catch(() => {}),
        500,
      );
    });
    assert.match(stderr, /1 job is still to be drawn: waiting for up to 60 s/);
    assert.deepEqual(json.at(-1), { event: 'waiting', jobs: 1 });
  });

  it('tells people the address, the code and the page', async () => {
    let text = '';
    const { exitCode } = await world.run(['serve', '--port', '0'], {
      onStdout: (so, kill) => {
        text = so;
        if (so.includes('Page')) kill('SIGTERM');
      },
    });
    assert.equal(exitCode, 0);
    assert.match(text, /Address +http:\/\/localhost:\d+\nPairing code +\d{3} \d{3} .*\nPage +http/);
    assert.match(text, /Front ends expect port 8826/);
  });

  it('says which flag helps where the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { exitCode, stderr } = await world.run(['serve', '--port', String(port)]);
    other.close();
    assert.equal(exitCode, 1);
    assert.match(stderr, new RegExp(`Expected port ${port} to be free`));
    assert.match(stderr, /--port/);
    assert.match(stderr, /8826/);
  });

  it('refuses what is no port, and a host that is none of its own', async () => {
    assert.equal((await world.run(['serve', '--port', '70000'])).exitCode, 2);
    assert.equal((await world.run(['serve', '--port', 'x'])).exitCode, 2);
    await world.run(['tokens', 'create', 'far away']);
    const { exitCode, stderr } = await world.run(['serve', '--port', '0', '--host', '203.0.113.7']);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, /an address of this computer for --host/);
  });

  it('opens to other computers only where a token is there', async () => {
    const home = world.path('empty-home');
    const closed = await world.run(['serve', '--port', '0', '--host', '0.0.0.0', '--home', home]);
    assert.equal(closed.exitCode, 1);
    assert.match(closed.stderr, /tokens create/);
    const created = await world.run(['tokens', 'create', 'kitchen', '--home', home]);
    assert.match(created.stdout.toString(), /^nigaoe_[\w-]{43}\n$/);
    let text = '';
    await world.run(['serve', '--port', '0', '--host', '0.0.0.0', '--home', home], {
      onStdout: (so, kill) => {
        text = so;
        if (so.includes('Page')) kill('SIGINT');
      },
    });
    assert.match(text, /unencrypted/);
    assert.match(text, /Nobody pairs by code/);
    assert.doesNotMatch(text, /Pairing code/);
  });
});

describe('nigaoe tokens', () => {
  const world = CliWorld.inSuite();

  it('says that nobody is paired', async () => {
    const { exitCode, stderr } = await world.run(['tokens', 'list']);
    assert.equal(exitCode, 0);
    assert.match(stderr, /No program is paired/);
  });

  it('revokes what it can and tells what is unknown', async () => {
    const { json } = await world.run(['tokens', 'create', 'one', '--json']);
    const { exitCode, stdout, stderr } = await world.run(['tokens', 'revoke', 'nothing', String(json[0].id)]);
    assert.equal(exitCode, 1);
    assert.match(stdout.toString(), /revoked/);
    assert.match(stderr, /Expected the id of a token but received "nothing"/);
  });

  it('makes none for nobody', async () => {
    const { exitCode, stderr } = await world.run(['tokens', 'create', ' ']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /Expected a name that tells who uses it/);
  });

  it('says what to do about a damaged list', async () => {
    await world.file('home/bridge/tokens.json', '{');
    const { exitCode, stderr } = await world.run(['tokens', 'list']);
    assert.equal(exitCode, 5);
    assert.match(stderr, /Delete that file and pair your front ends again/);
  });
});

/** The events of the lines that are whole. */
function linesOf(text: string): Said[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Said);
}
