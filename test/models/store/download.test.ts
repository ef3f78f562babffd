// Downloading from servers that misbehave in every way that real ones do.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { refuse, stall, wellBehaved } from './model-server.js';
import { failureOf, modelOf, StoreWorld } from './store-world.js';

describe('download', () => {
  let world: StoreWorld;
  beforeEach(() => {
    world = new StoreWorld();
  });
  afterEach(() => world.close());

  const arrived = () => assert.deepEqual(readFileSync(world.target), world.content);

  it('brings the file, tells the progress, and leaves nothing unfinished', async () => {
    const server = await world.serve(wellBehaved(world.content));
    const entry = world.model([`${server.base}/toy`]);
    const steps: number[] = [];
    const onProgress = (received: number, total: number) => {
      assert.equal(total, world.content.length);
      steps.push(received);
    };
    assert.equal(await world.store().ensure(entry, { onProgress }), world.target);
    arrived();
    assert.equal(steps.at(-1), world.content.length);
    assert.deepEqual(
      steps,
      steps.toSorted((a, b) => a - b),
    );
    assert.equal(existsSync(`${world.target}.part`), false);
    assert.equal(existsSync(`${world.target}.part.origin`), false);
  });

  it('asks only for the rest when the line breaks', async () => {
    const good = wellBehaved(world.content);
    const server = await world.serve((response, request, index) =>
      index === 0 ? world.breakOff(response, world.content, 100_000) : good(response, request, index),
    );
    await world.store().pull(world.model([`${server.base}/toy`]));
    arrived();
    assert.equal(server.requests.length, 2);
    assert.equal(server.requests[1].range, 'bytes=100000-');
    assert.equal(server.requests[1].ifRange, '"one"');
  });

  it('goes on in the next process where the last one broke off', async () => {
    const good = wellBehaved(world.content);
    const server = await world.serve((response, request, index) =>
      index === 0 ? world.breakOff(response, world.content, 50_000) : good(response, request, index),
    );
    const entry = world.model([`${server.base}/toy`]);
    await failureOf(world.store({ attempts: 1 }).pull(entry), 'model-download');
    assert.equal(readFileSync(`${world.target}.part`).length, 50_000);
    await world.store().pull(entry);
    arrived();
    assert.equal(server.requests[1].range, 'bytes=50000-');
  });

  it('starts again when the file on the server has changed since', async () => {
    const good = wellBehaved(world.content, '"two"');
    const server = await world.serve((response, request, index) =>
      index === 0
        ? world.breakOff(response, randomBytes(world.content.length), 9000)
        : good(response, request, index),
    );
    await world.store().pull(world.model([`${server.base}/toy`]));
    arrived();
    assert.equal(server.requests.length, 2);
  });

  it('starts again when the server ignores Range', async () => {
    const server = await world.serve((response, _request, index) =>
      index === 0 ? world.breakOff(response, world.content, 9000) : response.end(world.content),
    );
    await world.store().pull(world.model([`${server.base}/toy`]));
    arrived();
    assert.equal(server.requests.length, 2);
  });

  it('starts again when the server refuses the range or sends another one', async () => {
    for (const lie of ['416', 'other range'] as const) {
      const server = await world.serve((response, { range }, index) => {
        if (index === 0) world.breakOff(response, world.content, 9000);
        else if (range === undefined) response.end(world.content);
        else if (lie === '416') refuse(response, 416);
        else response.writeHead(206, { 'content-range': 'bytes 0-1/300000' }).end('ab');
      });
      await world.store().pull(world.model([`${server.base}/toy`]));
      arrived();
      assert.deepEqual(
        server.requests.map(({ range }) => range),
        [undefined, 'bytes=9000-', undefined],
      );
      await world.store().remove(world.model([]));
    }
  });

  it('starts again when the bytes of an earlier try were the wrong ones', async () => {
    mkdirSync(path.dirname(world.target), { recursive: true });
    writeFileSync(`${world.target}.part`, randomBytes(9000));
    const server = await world.serve(wellBehaved(world.content));
    await world.store().pull(world.model([`${server.base}/toy`]));
    arrived();
    assert.deepEqual(
      server.requests.map(({ range }) => range),
      ['bytes=9000-', undefined],
    );
  });

  it('throws away a part that is longer than the file, and finishes one that is whole without asking', async () => {
    mkdirSync(path.dirname(world.target), { recursive: true });
    const server = await world.serve(wellBehaved(world.content));
    const entry = world.model([`${server.base}/toy`]);
    writeFileSync(`${world.target}.part`, randomBytes(world.content.length + 1));
    await world.store().pull(entry);
    arrived();
    assert.equal(server.requests[0].range, undefined);
    await world.store().remove(entry);
    mkdirSync(path.dirname(world.target), { recursive: true });
    writeFileSync(`${world.target}.part`, world.content);
    await world.store().pull(entry);
    arrived();
    assert.equal(server.requests.length, 1);
  });

  it('gives up a silent server and resumes', async () => {
    const good = wellBehaved(world.content);
    const server = await world.serve((response, request, index) =>
      index === 0 ? stall(response, world.content, 70_000) : good(response, request, index),
    );
    await world.store({ stallMs: 200 }).pull(world.model([`${server.base}/toy`]));
    arrived();
    assert.equal(server.requests[1].range, 'bytes=70000-');
  });

  it('says that a server never answered', async () => {
    const server = await world.serve(() => undefined);
    const pull = world.store({ stallMs: 100, attempts: 2 }).pull(world.model([`${server.base}/toy`]));
    const { message } = await failureOf(pull, 'model-download');
    assert.match(message, /sent nothing for 0\.1 s/);
    assert.equal(server.requests.length, 2);
  });

  it('tries again after 500, not after 404, and goes to the next address', async () => {
    const ill = await world.serve((response) => refuse(response, 500));
    const empty = await world.serve((response) => refuse(response, 404));
    const good = await world.serve(wellBehaved(world.content));
    await world.store().pull(world.model([`${ill.base}/a`, `${empty.base}/b`, `${good.base}/c`]));
    arrived();
    assert.deepEqual([ill.requests.length, empty.requests.length, good.requests.length], [3, 1, 1]);
  });

  it('resumes at the next address what the first one began', async () => {
    const first = await world.serve((response) => world.breakOff(response, world.content, 40_000));
    const second = await world.serve(wellBehaved(world.content));
    await world.store({ attempts: 1 }).pull(world.model([`${first.base}/a`, `${second.base}/b`]));
    arrived();
    assert.deepEqual(second.requests, [{ url: '/b', range: 'bytes=40000-', ifRange: undefined }]);
  });

  it('says at once that there is no network where no name can be resolved, and leaves no folder', async () => {
    const { fetch } = globalThis;
    let asked = 0;
    globalThis.fetch = () => {
      asked += 1;
      const cause = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
      return Promise.reject(new TypeError('fetch failed', { cause }));
    };
    try {
      const urls = ['https://one.example/toy', 'https://two.example/toy'];
      const { message, hint } = await failureOf(world.store().pull(world.model(urls)), 'model-download');
      assert.match(
        message,
        /there is no network, or their names cannot be resolved: .*one\.example.*two\.example/,
      );
      assert.match(hint ?? '', /^Connect to the network and try again/);
    } finally {
      globalThis.fetch = fetch;
    }
    assert.equal(asked, 2, 'each once');
    assert.equal(existsSync(path.dirname(world.target)), false);
  });

  it('promises to go on only where something has come', async () => {
    const pull = () => world.store({ attempts: 1 }).pull(world.model([`${server.base}/toy`]));
    let server = await world.serve((response) => refuse(response, 500));
    assert.match((await failureOf(pull(), 'model-download')).hint ?? '', /^Try again, or set NIGAOE_MIRROR/);
    server = await world.serve((response) => world.breakOff(response, world.content, 9000));
    assert.match((await failureOf(pull(), 'model-download')).hint ?? '', /it goes on where it broke off/);
  });

  it('lists the addresses that failed, without their queries', async () => {
    const empty = await world.serve((response) => refuse(response, 404));
    const pull = world.store().pull(world.model([`${empty.base}/a?token=secret`, 'http://127.0.0.1:1/b']));
    const { message, hint } = await failureOf(pull, 'model-download');
    assert.match(message, /^Expected toy\.onnx \(300000 bytes\) of the model toy from one of its sources/);
    assert.ok(message.includes(`${empty.base}/a answered 404`), message);
    assert.ok(message.includes('http://127.0.0.1:1/b '), message);
    assert.equal(message.includes('secret'), false);
    assert.match(hint ?? '', /NIGAOE_MIRROR/);
  });

  it('refuses a wrong length before it takes a byte', async () => {
    for (const length of [world.content.length + 7, world.content.length - 7]) {
      const server = await world.serve(wellBehaved(randomBytes(length)));
      const pull = world.store().pull(world.model([`${server.base}/toy`]));
      const { message } = await failureOf(pull, 'model-corrupt');
      assert.ok(message.includes(`offers ${length} bytes instead of 300000`), message);
      assert.equal(existsSync(`${world.target}.part`), false);
      assert.equal(server.requests.length, 1);
    }
  });

  it('never takes more than promised from a server that does not say how much it sends', async () => {
    const server = await world.serve((response) => {
      response.write(world.content);
      response.end('and more');
    });
    const pull = world.store().pull(world.model([`${server.base}/toy`]));
    const { message } = await failureOf(pull, 'model-corrupt');
    assert.match(message, /sent more than the 300000 bytes/);
    assert.equal(existsSync(world.target), false);
  });

  it('takes an early end as a broken line', async () => {
    const good = wellBehaved(world.content);
    const server = await world.serve((response, request, index) => {
      if (index > 0) return good(response, request, index);
      response.write(world.content.subarray(0, 1000));
      response.end();
    });
    await world.store().pull(world.model([`${server.base}/toy`]));
    arrived();
    assert.equal(server.requests[1].range, 'bytes=1000-');
  });

  it('discards a wrong file and asks the next address', async () => {
    const wrong = await world.serve(wellBehaved(randomBytes(world.content.length)));
    const good = await world.serve(wellBehaved(world.content));
    await world.store().pull(world.model([`${wrong.base}/a`, `${good.base}/b`]));
    arrived();
    assert.deepEqual([wrong.requests.length, good.requests.length], [1, 1]);
    assert.equal(good.requests[0].range, undefined);
  });

  it('fails as corrupt, with nothing left, when all have another file', async () => {
    const wrong = await world.serve(wellBehaved(randomBytes(world.content.length)));
    const pull = world.store().pull(world.model([`${wrong.base}/a`]));
    await failureOf(pull, 'model-corrupt');
    assert.equal(existsSync(world.target), false);
    assert.equal(existsSync(`${world.target}.part`), false);
  });

  it('checks a file that is pinned by git object id', async () => {
    const server = await world.serve(wellBehaved(world.content));
    const gitBlob = createHash('sha1')
      .update(`blob ${world.content.length}\0`)
      .update(world.content)
      .digest('hex');
    const file = { name: 'toy.onnx', urls: [`${server.base}/toy`], bytes: world.content.length, gitBlob };
    await world.store().pull(modelOf([file]));
    arrived();
    const other = { ...file, gitBlob: '0'.repeat(40) };
    await failureOf(world.store().pull(modelOf([other])), 'model-corrupt');
  });

  it('follows redirects, keeps the range, and stops in a circle', async () => {
    const good = wellBehaved(world.content);
    const server = await world.serve((response, request, index) => {
      if (request.url === '/round') return refuse(response, 302, { location: '/round' });
      if (request.url === '/old') return refuse(response, 302, { location: '/new' });
      if (index === 1) return world.breakOff(response, world.content, 8000);
      return good(response, request, index);
    });
    await world.store().pull(world.model([`${server.base}/old`]));
    arrived();
    assert.equal(server.requests.at(-1)?.url, '/new');
    assert.equal(server.requests.at(-1)?.range, 'bytes=8000-');
    await world.store().remove(world.model([]));
    const { message } = await failureOf(
      world.store().pull(world.model([`${server.base}/round`])),
      'model-download',
    );
    assert.match(message, /redirected more than 10 times/);
  });

  it('does not follow a redirect to what is not the web', async () => {
    const server = await world.serve((response) => refuse(response, 302, { location: 'file:///etc/passwd' }));
    const pull = world.store().pull(world.model([`${server.base}/toy`]));
    const { message } = await failureOf(pull, 'model-download');
    assert.match(message, /leads to file:\/\//);
  });

  it('does not follow a redirect from https to http', async () => {
    const { fetch } = globalThis;
    const asked: string[] = [];
    globalThis.fetch = async (input) => {
      asked.push(String(input));
      return new Response(null, { status: 302, headers: { location: 'http://plain.test/toy' } });
    };
    try {
      const pull = world.store().pull(world.model(['https://safe.test/toy']));
      const { message } = await failureOf(pull, 'model-download');
      assert.match(message, /leads to http:\/\/plain\.test, where https: is needed/);
      assert.deepEqual(asked, ['https://safe.test/toy']);
    } finally {
      globalThis.fetch = fetch;
    }
  });

  it('keeps what it has when the user cancels', async () => {
    const server = await world.serve((response) => stall(response, world.content, 60_000));
    const stop = new AbortController();
    const onProgress = (received: number) => {
      if (received === 60_000) stop.abort();
    };
    const pull = world.store().pull(world.model([`${server.base}/toy`]), { signal: stop.signal, onProgress });
    await failureOf(pull, 'cancelled');
    assert.equal(readFileSync(`${world.target}.part`).length, 60_000);
    assert.equal(existsSync(`${path.dirname(world.target)}.lock`), false);
  });

  it('is cancelled before it begins, and while it waits for the next try', async () => {
    const server = await world.serve((response) => refuse(response, 500));
    const entry = world.model([`${server.base}/toy`]);
    await failureOf(world.store().pull(entry, { signal: AbortSignal.abort() }), 'cancelled');
    assert.equal(server.requests.length, 0);
    const signal = AbortSignal.timeout(100);
    await failureOf(world.store({ backoffMs: 60_000 }).pull(entry, { signal }), 'cancelled');
    assert.equal(server.requests.length, 1);
  });

  it('says what to do when the home cannot be made', async () => {
    const server = await world.serve(wellBehaved(world.content));
    const file = path.join(world.folder, 'file');
    writeFileSync(file, '');
    for (const home of [file, path.join(file, 'below')]) {
      const pull = world.store({ home }).pull(world.model([`${server.base}/toy`]));
      const { message, hint } = await failureOf(pull, 'store-unwritable');
      assert.match(message, /a part of the path is a file/);
      assert.match(hint ?? '', /NIGAOE_HOME/);
    }
    assert.equal(server.requests.length, 0);
  });

  it('says that the disk is full', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const server = await world.serve(wellBehaved(world.content));
    mkdirSync(path.dirname(world.target), { recursive: true });
    symlinkSync('/dev/full', `${world.target}.part`);
    const { message } = await failureOf(
      world.store().pull(world.model([`${server.base}/toy`])),
      'store-unwritable',
    );
    assert.match(message, /the disk is full/);
  });

  it('sees before the first byte that the disk is too small', async () => {
    const server = await world.serve(wellBehaved(world.content));
    const entry = world.model([`${server.base}/toy`]);
    entry.files[0].bytes = Number.MAX_SAFE_INTEGER;
    const { message } = await failureOf(world.store().pull(entry), 'store-unwritable');
    assert.match(message, /bytes are needed and \d+ are free/);
    assert.equal(server.requests.length, 0);
  });
});
