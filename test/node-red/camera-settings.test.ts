// What a camera node is set to, and which addresses a message may bring.

import assert from 'node:assert/strict';
import { addressFor } from '../../node-red-node/camera/address.js';
import { type CameraForm, readSettings } from '../../node-red-node/camera/settings.js';

describe('an address in a message', () => {
  const secrets = { user: 'u', password: 'p' };
  const settings = (form: CameraForm) =>
    readSettings({ kind: 'http', url: 'http://cam/a.jpg', ...form }, secrets);

  it('is passed over unless the node allows it', () => {
    assert.equal(addressFor(settings({}), 'http://evil/').url.host, 'cam');
  });

  it('may name the own host and those that the form names, which get the password', () => {
    const allowing = settings({ allowUrl: true, hosts: 'second, third:81' });
    for (const url of ['http://cam/b.jpg', 'http://second:99/x', 'https://third:81/'])
      assert.deepEqual(addressFor(allowing, url).credentials, { user: 'u', password: 'p' });
  });

  it('may not name other hosts, ports or schemes', () => {
    const allowing = settings({ allowUrl: true, hosts: 'third:81' });
    for (const url of [
      'http://evil/',
      'http://cam:1880/',
      'http://third/',
      'http://cam@evil/',
      'http://127.0.0.1/',
    ])
      assert.throws(() => addressFor(allowing, url), { code: 'forbidden' }, url);
    for (const url of ['file:///etc/passwd', 'ftp://cam/', 'cam/b.jpg'])
      assert.throws(() => addressFor(allowing, url), { code: 'options' }, url);
  });

  it('may name every host after *, without getting the password', () => {
    assert.equal(addressFor(settings({ allowUrl: true, hosts: '*' }), 'http://any/').credentials, undefined);
  });

  it('is missed where the form has none either', () => {
    assert.throws(() => addressFor(settings({ url: '' }), undefined), {
      code: 'options',
      message: /an address/,
    });
  });
});

describe('settings of a camera', () => {
  it('come as texts from older flows', () => {
    const { timeoutMs, everyMs, retries } = readSettings(
      { timeout: '3', trigger: 'interval', interval: '0.5', retries: '1' },
      {},
    );
    assert.deepEqual([timeoutMs, everyMs, retries], [3000, 500, 1]);
  });

  for (const form of [
    { kind: 'ftp' },
    { timeout: 'soon' },
    { timeout: 0 },
    { most: 1e9 },
    { retries: -1 },
    { trigger: 'interval', interval: 0 },
  ])
    it(`are refused where they cannot be meant: ${JSON.stringify(form)}`, () =>
      assert.throws(() => readSettings(form, {}), { code: 'options' }));
});
