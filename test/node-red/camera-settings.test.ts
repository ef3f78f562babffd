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
    const allowing = settings({ allowUrl: true, hosts: 'second, third:81, [fe80::1]' });
    for (const url of [
      'http://cam/b.jpg',
      'http://second/x',
      'https://second/x',
      'https://third:81/',
      'http://[fe80::1]/',
    ])
      assert.deepEqual(addressFor(allowing, url).credentials, { user: 'u', password: 'p' }, url);
  });

  it('has its usual port where the form names none', () => {
    const rtsp = settings({ kind: 'rtsp', url: 'rtsp://cam/1', allowUrl: true, hosts: 'second' });
    assert.ok(addressFor(rtsp, 'rtsp://cam:554/2').credentials);
    assert.ok(addressFor(rtsp, 'rtsp://SECOND/2').credentials);
    for (const url of ['rtsp://second:8554/', 'http://cam:8080/', 'rtsp://evil/1'])
      assert.throws(() => addressFor(rtsp, url), { code: 'forbidden' }, url);
  });

  it('never gets a password in the clear that the own address encrypts', () => {
    const form = { url: 'https://cam:8443/a.jpg', allowUrl: true, hosts: 'second' };
    for (const url of ['http://cam:8443/a.jpg', 'http://second/a.jpg'])
      assert.equal(addressFor(settings(form), url).credentials, undefined, url);
    assert.ok(addressFor(settings(form), 'https://second/a.jpg').credentials);
  });

  it('is passed over by a camera of Home Assistant, whose token has one place to go', () => {
    const form = { kind: 'homeassistant', url: 'http://ha', entity: 'camera.x', allowUrl: true, hosts: '*' };
    const { url } = addressFor(readSettings(form, { token: 'llat' }), 'http://evil/');
    assert.equal(url.host, 'ha');
  });

  it('may not name other hosts, ports or schemes', () => {
    const allowing = settings({ allowUrl: true, hosts: 'third:81' });
    for (const url of [
      'http://evil/',
      'http://cam:1880/',
      'http://third/',
      'https://cam/',
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

describe('an address with a login in it', () => {
  const url = 'http://me:p%40ss@cam/a.jpg?b=c';

  it('is taken apart, so that the login is kept like any other', () => {
    const settings = readSettings({ url }, {});
    assert.equal(settings.url, 'http://cam/a.jpg?b=c');
    assert.deepEqual(settings.secrets, { user: 'me', password: 'p@ss' });
    assert.deepEqual(addressFor(settings, undefined).credentials, { user: 'me', password: 'p@ss' });
  });

  it('yields to the login that the form holds', () => {
    const { secrets } = readSettings({ url }, { user: 'other', password: 'word' });
    assert.deepEqual(secrets, { user: 'other', password: 'word' });
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
