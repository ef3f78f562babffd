// Photos from http addresses.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CliWorld } from './cli-world.js';

describe('nigaoe stylize --allow-url', () => {
  const world = CliWorld.inSuite();
  const env = { NIGAOE_OFFLINE: undefined };
  let server: Server;
  let base = '';

  before(async () => {
    await world.photo('a.png');
    const photo = await readFile(world.path('a.png'));
    server = createServer((request, response) => {
      if (request.url === '/huge.jpg')
        response.writeHead(200, { 'content-length': '300000000' }).flushHeaders();
      else if (request.url === '/moved') response.writeHead(302, { location: '/my%20photo' }).end();
      else if (request.url?.startsWith('/my')) response.end(photo);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('fetches photos and names them after their address', async () => {
    const args = ['stylize', `${base}/my%20photo?size=1`, `${base}/moved`, '-o', 'out', '--allow-url'];
    const { exitCode, stderr } = await world.run(args, { env });
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(await world.list('out'), ['moved-ink.png', 'my photo-ink.png']);
  });

  it('says in a sentence what an address has instead of a photo', async () => {
    const args = ['stylize', `${base}/none.jpg`, `${base}/huge.jpg`, '-o', 'none', '--allow-url'];
    const { exitCode, stderr } = await world.run(args, { env });
    assert.equal(exitCode, 3);
    assert.match(stderr, /none\.jpg but the server answers 404/);
    assert.match(stderr, /at most 200 MB but .*huge\.jpg has more/);
  });

  it('says that nothing answers there', async () => {
    const args = ['stylize', 'http://127.0.0.1:9/a.jpg', '-o', 'none.jpg', '--allow-url'];
    const { exitCode, stderr } = await world.run(args, { env });
    assert.equal(exitCode, 3);
    assert.match(stderr, /^nigaoe: Expected a photo at http:\/\/127\.0\.0\.1:9\/a\.jpg but/);
  });

  it('does not use the network when offline', async () => {
    const { exitCode, stderr } = await world.run(['stylize', `${base}/my`, '-o', 'off.jpg', '--allow-url']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /NIGAOE_OFFLINE/);
  });
});
