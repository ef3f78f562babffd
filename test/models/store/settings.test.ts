// Where the store lies and where it may ask: the environment, read in one place.

import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheFolder, readStoreSettings } from '../../../shared/models/store/settings.js';
import { nameOf, sourcesOf } from '../../../shared/models/store/sources.js';

describe('readStoreSettings', () => {
  it('keeps models in the cache folder of the platform', () => {
    assert.equal(cacheFolder({}, 'linux'), path.join(homedir(), '.cache', 'nigaoe'));
    assert.equal(cacheFolder({ XDG_CACHE_HOME: '/var/xdg' }, 'linux'), path.join('/var/xdg', 'nigaoe'));
    assert.equal(
      cacheFolder({ XDG_CACHE_HOME: 'relative' }, 'linux'),
      path.join(homedir(), '.cache', 'nigaoe'),
    );
    assert.equal(cacheFolder({}, 'darwin'), path.join(homedir(), 'Library', 'Caches', 'nigaoe'));
    assert.equal(cacheFolder({ LOCALAPPDATA: '/local' }, 'win32'), path.join('/local', 'nigaoe'));
  });

  it('lets NIGAOE_HOME decide, and the caller before it', () => {
    assert.equal(readStoreSettings({}, { NIGAOE_HOME: '/models' }).home, path.resolve('/models'));
    assert.equal(readStoreSettings({}, { NIGAOE_HOME: 'near' }).home, path.resolve('near'));
    assert.equal(readStoreSettings({}, { NIGAOE_HOME: '' }, 'linux').home, cacheFolder({}, 'linux'));
    assert.equal(
      readStoreSettings({ home: '/mine' }, { NIGAOE_HOME: '/models' }).home,
      path.resolve('/mine'),
    );
  });

  it('takes a mirror that is a folder, a file: URL or a web address', () => {
    const folder = path.resolve('/mirror');
    const expected = { kind: 'folder', folder };
    assert.deepEqual(readStoreSettings({}, { NIGAOE_MIRROR: folder }).mirror, expected);
    assert.deepEqual(readStoreSettings({}, { NIGAOE_MIRROR: pathToFileURL(folder).href }).mirror, expected);
    assert.deepEqual(readStoreSettings({}, { NIGAOE_MIRROR: 'http://m.test/x' }).mirror, {
      kind: 'web',
      base: 'http://m.test/x',
    });
    assert.equal(readStoreSettings({}, {}).mirror, undefined);
    assert.throws(() => readStoreSettings({}, { NIGAOE_MIRROR: 'ftp://m.test' }), /NIGAOE_MIRROR/);
  });

  it('reads NIGAOE_OFFLINE as a switch', () => {
    assert.equal(readStoreSettings({}, { NIGAOE_OFFLINE: '1' }).offline, true);
    assert.equal(readStoreSettings({}, { NIGAOE_OFFLINE: '0' }).offline, false);
    assert.equal(readStoreSettings({}, {}).offline, false);
    assert.throws(() => readStoreSettings({}, { NIGAOE_OFFLINE: 'maybe' }), /1 or 0 for NIGAOE_OFFLINE/);
  });
});

describe('sourcesOf', () => {
  const file = { name: 'a b.onnx', urls: ['https://one.test/a', 'https://two.test/a'], bytes: 1 };
  const urls = (mirror: string | undefined, offline = false) =>
    sourcesOf(file, readStoreSettings({ mirror, offline }, {})).map((source) =>
      source.kind === 'web' ? source.url : source.path,
    );

  it('asks the mirror first, by file name', () => {
    assert.deepEqual(urls('/m'), [path.resolve('/m', 'a b.onnx'), ...file.urls]);
    assert.deepEqual(urls('https://m.test/base/')[0], 'https://m.test/base/a%20b.onnx');
    assert.deepEqual(urls('https://m.test?token=1')[0], 'https://m.test/a%20b.onnx?token=1');
  });

  it('never leaves the machine when offline', () => {
    assert.deepEqual(urls('https://m.test', true), []);
    assert.deepEqual(urls('/m', true), [path.resolve('/m', 'a b.onnx')]);
  });

  it('names a source without its secrets', () => {
    assert.equal(nameOf({ kind: 'web', url: 'https://user:pass@m.test/a?token=1#x' }), 'https://m.test/a');
  });
});
