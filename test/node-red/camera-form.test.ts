// The form of nigaoe-camera: what it does with a login that was pasted as part of the address.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { repositoryRoot } from './built.js';

interface Form {
  oneditprepare(): void;
  oneditsave(): void;
}

/** The node as it was saved before, and what its form shows now, by field. */
interface Dialog {
  saved?: string;
  url: string;
  urlType?: string;
  user?: string;
  password?: string;
}

describe('the address in the form of nigaoe-camera', () => {
  it('is kept without a login, which goes to the fields for it', () => {
    assert.deepEqual(saved({ url: 'http://me:p%40ss@cam:81/a.jpg?x=a@b' }), {
      url: 'http://cam:81/a.jpg?x=a@b',
      user: 'me',
      password: 'p@ss',
    });
    assert.deepEqual(saved({ url: 'rtsp://me:p@ss@cam/1' }), {
      url: 'rtsp://cam/1',
      user: 'me',
      password: 'p@ss',
    });
  });

  it('may hold a login that is not encoded as it should be', () => {
    assert.deepEqual(saved({ url: 'http://me:100%@cam/' }), {
      url: 'http://cam/',
      user: 'me',
      password: '100%',
    });
  });

  it('brings a new login where it was changed', () => {
    const dialog = { url: 'http://new:word@cam/', user: 'old', password: '__PWRD__' };
    assert.deepEqual(saved(dialog), { url: 'http://cam/', user: 'new', password: 'word' });
    assert.deepEqual(saved({ ...dialog, url: 'http://new@cam/' }), {
      url: 'http://cam/',
      user: 'new',
      password: '',
    });
  });

  it('loses a login that the fields had overruled', () => {
    const url = 'http://old:word@cam/';
    assert.deepEqual(saved({ saved: url, url, user: 'me', password: '__PWRD__' }), {
      url: 'http://cam/',
      user: 'me',
      password: '__PWRD__',
    });
  });

  for (const [url, urlType] of [
    ['http://cam/a@b.jpg', 'str'],
    ['http://cam/?to=me:pass@b', 'str'],
    ['http://${USER}:${PASS}@cam/', 'str'],
    ['me:pass@cam', 'str'],
    ['MY_CAMERA', 'env'],
  ])
    it(`is kept as it is: ${url}`, () =>
      assert.deepEqual(saved({ url, urlType }), { url, user: '', password: '' }));
});

/** What stands in the fields after "Done". */
function saved({ saved = '', url, urlType = 'str', user = '', password = '' }: Dialog): object {
  const values = new Map([
    ['#node-input-url', url],
    ['#node-input-urlType', urlType],
    ['#node-input-user', user],
    ['#node-input-password', password],
  ]);
  const form = formIn((id) => fieldOf(values, id));
  form.oneditsave.call({ id: 'cam', url: saved, urlType: 'str' });
  const [kept, keptUser, keptPassword] = ['url', 'user', 'password'].map((name) =>
    values.get(`#node-input-${name}`),
  );
  return { url: kept, user: keptUser, password: keptPassword };
}

/** As much of jQuery as the form uses when it is saved. */
function fieldOf(values: Map<string, string>, id: string): object {
  return {
    val: (value?: string) => (value === undefined ? values.get(id) : values.set(id, value)),
    typedInput: (property: 'value' | 'type', value?: string) => {
      const place = property === 'type' ? `${id}Type` : id;
      return value === undefined ? values.get(place) : values.set(place, value);
    },
  };
}

function formIn($: (id: string) => object): Form {
  const html = readFileSync(`${repositoryRoot()}/node-red-node/nodes/nigaoe-camera.html`, 'utf8');
  const script = /<script type="text\/javascript">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
  let form: Form | undefined;
  const registerType = (_type: string, given: Form) => {
    form = given;
  };
  runInContext(script, createContext({ RED: { nodes: { registerType } }, $, URL, decodeURIComponent }));
  assert.ok(form);
  return form;
}
