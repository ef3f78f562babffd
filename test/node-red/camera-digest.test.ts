// How the camera node proves who it is: digest as RFC 7616 writes it, basic, and cameras with habits of their own.

import assert from 'node:assert/strict';
import { openCamera } from '../../node-red-node/camera/camera.js';
import { readChallenges } from '../../node-red-node/camera/challenge.js';
import { openDigest, strongestDigest } from '../../node-red-node/camera/digest.js';
import { byPassword } from '../../node-red-node/camera/identity.js';
import { readSettings } from '../../node-red-node/camera/settings.js';
import { type FakeAuth, FakeCamera, type FakeCameraOptions } from './fixtures/fake-camera.js';

describe('a challenge of a server', () => {
  it('is read with its quoted commas, quotes and spaces', () => {
    const [{ scheme, parameters }] = readChallenges(
      'Digest realm="a, \\"b\\" c", nonce=abc,qop="auth, auth-int"',
    );
    assert.equal(scheme, 'digest');
    assert.deepEqual(Object.fromEntries(parameters), {
      realm: 'a, "b" c',
      nonce: 'abc',
      qop: 'auth, auth-int',
    });
  });

  it('is read where several stand in one header', () => {
    const header =
      'Basic realm="x", Digest realm="x", nonce="1", algorithm=SHA-256, NTLM, Digest nonce = "2"';
    assert.deepEqual(
      readChallenges(header).map(({ scheme, parameters }) => [scheme, parameters.get('nonce')]),
      [
        ['basic', undefined],
        ['digest', '1'],
        ['ntlm', undefined],
        ['digest', '2'],
      ],
    );
  });

  for (const rubbish of [undefined, '', '"""', ',,,', '=', 'Digest realm="open'])
    it(`is nothing to fail on: ${JSON.stringify(rubbish)}`, () =>
      assert.doesNotThrow(() => readChallenges(rubbish)));

  it('is answered with the strongest that can be answered', () => {
    const offered = readChallenges(
      'Digest nonce="1", algorithm=MD5, Digest nonce="2", algorithm=SHA-256, Digest nonce="3", algorithm=XYZ, Digest nonce="4", algorithm=SHA-256, qop="auth-int"',
    );
    assert.equal(strongestDigest(offered)?.parameters.get('nonce'), '2');
  });
});

describe('a digest answer', () => {
  const credentials = { user: 'Mufasa', password: 'Circle of Life' };
  // The example of RFC 7616, section 3.9.1.
  const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
  const challenge = (algorithm: string) =>
    readChallenges(
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
    )[0];

  for (const [algorithm, response] of [
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])
    it(`is the one that RFC 7616 prints for ${algorithm}`, () => {
      const said = openDigest(challenge(algorithm), credentials, cnonce).answer('GET', '/dir/index.html');
      assert.ok(said.includes(`response="${response}"`), said);
      assert.match(said, /, qop=auth, nc=00000001, cnonce="f2/);
      assert.match(said, /opaque="FQhe/);
    });

  it('hides the user where the server asks for that (section 3.9.2)', () => {
    const [hidden] = readChallenges(
      'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true',
    );
    const said = openDigest(hidden, { user: 'Jäsøn Doe', password: 'Secret, or not?' }).answer(
      'GET',
      '/doe.json',
    );
    assert.match(said, /userhash=true/);
    assert.ok(!said.includes('Doe'));
    // SHA-512/256 of "Jäsøn Doe:api@example.org".
    assert.match(said, /username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"/);
  });

  it('counts the uses of a nonce', () => {
    const digest = openDigest(challenge('MD5'), credentials);
    assert.match(digest.answer('GET', '/'), /nc=00000001/);
    assert.match(digest.answer('GET', '/'), /nc=00000002/);
  });
});

describe('user and password', () => {
  it('are kept back until the server asks', () => {
    const identity = byPassword({ user: 'u', password: 'p' });
    assert.equal(identity.prove('GET', '/').header, undefined);
    assert.ok(identity.learn('Basic realm="x"', identity.prove('GET', '/')));
    assert.equal(identity.prove('GET', '/').header, 'Basic dTpw');
  });

  it('go out as digest where basic is offered beside it', () => {
    const identity = byPassword({ user: 'u', password: 'p' });
    identity.learn('Basic realm="x", Digest realm="x", nonce="n"', identity.prove('GET', '/'));
    assert.match(identity.prove('GET', '/').header ?? '', /^Digest /);
  });
});

describe('a camera with a password', () => {
  const right = { user: 'öli', password: 'pä:ss"wörd' };
  const asking = (auth: Omit<FakeAuth, 'user' | 'password'>): FakeAuth => ({ ...right, ...auth });

  for (const auth of [
    asking({ scheme: 'basic' }),
    asking({ scheme: 'digest' }),
    asking({ scheme: 'digest', qop: false }),
    asking({ scheme: 'digest', algorithm: 'MD5' }),
    asking({ scheme: 'digest', algorithm: 'MD5-sess' }),
    asking({ scheme: 'digest', algorithm: 'SHA-256' }),
    asking({ scheme: 'digest', algorithm: 'SHA-256-sess' }),
  ])
    it(`shows its pictures after one question: ${auth.scheme} ${auth.algorithm ?? ''}${auth.qop === false ? 'without qop' : ''}`, () =>
      withCamera({ auth }, async (camera, take) => {
        for (let count = 0; count < 3; count++) await take(right, '/snapshot.jpg?channel=1&x=a%20b');
        assert.deepEqual(statuses(camera), [401, 200, 200, 200]);
        assert.equal(camera.asked[0].authorization, undefined);
      }));

  for (const auth of [
    { user: '管理者', password: '合言葉' },
    { user: "管'理 (者)*", password: 'p', utf8: true },
    { user: 'me', password: 'p', realm: 'カメラ' },
  ] as Omit<FakeAuth, 'scheme'>[])
    it(`may have any letters in its users and its name: ${auth.user} ${auth.realm ?? ''}`, () =>
      withCamera({ auth: { scheme: 'digest', ...auth } }, async (camera, take) => {
        await take({ user: auth.user, password: auth.password });
        assert.deepEqual(statuses(camera), [401, 200]);
        assert.equal(/username\*=/.test(camera.asked[1].authorization ?? ''), auth.utf8 === true);
      }));

  for (const saysStale of [true, false])
    it(`is asked with a new nonce when the old one has run out${saysStale ? '' : ', though it does not say stale'}`, () =>
      withCamera({ auth: asking({ scheme: 'digest', nonceUses: 2, saysStale }) }, async (camera, take) => {
        for (let count = 0; count < 4; count++) await take(right);
        assert.deepEqual(statuses(camera), [401, 200, 200, 401, 200, 200]);
      }));

  for (const scheme of ['basic', 'digest'] as const)
    it(`is tried once with a wrong one, and no more: ${scheme}`, () =>
      withCamera({ auth: asking({ scheme }) }, async (camera, take) => {
        const wrong = { user: 'öli', password: 'wrong-password' };
        await assert.rejects(take(wrong), {
          code: 'unauthorised',
          message: /refuses user or password \(401\)/,
        });
        assert.deepEqual(statuses(camera), [401, 401]);
      }));

  it('is named when none is entered', () =>
    withCamera({ auth: asking({ scheme: 'basic' }) }, async (_camera, take) => {
      await assert.rejects(take({}), { code: 'unauthorised', message: /asks for user and password/ });
    }));

  it('may have it in its address, where it is never shown', () =>
    withCamera({ auth: asking({ scheme: 'digest' }) }, async (camera, _take, takeFrom) => {
      const inside = (password: string, path: string) =>
        camera
          .url(path)
          .replace('//', `//${encodeURIComponent(right.user)}:${encodeURIComponent(password)}@`);
      await takeFrom(inside(right.password, '/still.jpg'));
      await assert.rejects(takeFrom(inside('tiger-secret', '/still.jpg?pwd=hush')), (error: Error) => {
        assert.ok(!/tiger|hush|@/.test(error.message), error.message);
        return true;
      });
    }));
});

type Take = (secrets: object, path?: string) => Promise<unknown>;

const statuses = (camera: FakeCamera): number[] => camera.asked.map(({ status }) => status);

async function withCamera(
  options: FakeCameraOptions,
  use: (camera: FakeCamera, take: Take, takeFrom: (url: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const camera = await FakeCamera.open(options);
  const opened = new Map<string, ReturnType<typeof openCamera>>();
  // One node for each set of secrets, as a flow has it.
  const nodeFor = (url: string, secrets: object) => {
    const key = JSON.stringify([url, secrets]);
    const node = opened.get(key) ?? openCamera(readSettings({ kind: 'http', url, retries: 0 }, secrets));
    opened.set(key, node);
    return node;
  };
  try {
    await use(
      camera,
      (secrets, path) => nodeFor(camera.url(path), secrets).take({}),
      (url) => nodeFor(url, {}).take({}),
    );
  } finally {
    await camera.off();
  }
}
