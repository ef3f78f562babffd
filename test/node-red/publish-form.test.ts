// The form of nigaoe-publish and the node behind it: both take the same values, and both have the same defaults.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { NamePattern } from '../../node-red-node/publish/file/name-pattern.js';
import { filledForm, type PublishForm } from '../../node-red-node/publish/form.js';
import { fileOptions, mqttOptions, webhookOptions } from '../../node-red-node/publish/settings.js';
import { repositoryRoot } from './built.js';

type Values = { [Field in keyof PublishForm]?: unknown };
type Validator = (this: object, value: unknown) => unknown;

interface Form {
  defaults: Record<string, { value: unknown; validate?: Validator }>;
  paletteLabel: (this: { _: (key: string) => string }) => string;
}

/** Values that each field takes, and values that it does not. */
const TABLE: Partial<Record<keyof PublishForm, { target: string; good: unknown[]; bad: unknown[] }>> = {
  slug: {
    target: 'mqtt',
    good: ['', ' ', 'front-door', 'Gate_2', undefined],
    bad: ['a b', 'a/b', 'tür', 'a+', '${half'],
  },
  base: {
    target: 'mqtt',
    good: ['nigaoe', '', 'house/art', 'a b', ' art ', 'homeassistants', undefined],
    bad: ['a//b', '$SYS', '$SYS/x', '/a', 'a/', 'a+b', '#', 'a\0b', 'homeassistant', 'homeassistant/image'],
  },
  prefix: {
    target: 'mqtt',
    good: ['homeassistant', '', 'ha/two', undefined],
    bad: ['a//b', '$SYS', '/a', 'a/', '+', 'a#', 'a\u0007'],
  },
  url: {
    target: 'webhook',
    good: ['http://homeassistant.local:8123', 'https://a.test/home/', 'http://a.test/b@c'],
    bad: ['', 'homeassistant.local', 'ftp://a.test', 'http://me:horse@a.test', 'http://me@a.test', 'http://'],
  },
  field: { target: 'webhook', good: ['image', '', 'a.b_c-1', undefined], bad: ['a b', 'a"b', 'é', 'a\nb'] },
  timeout: {
    target: 'webhook',
    good: ['10', 10, '0.1', '600', '1e1', undefined],
    bad: ['', ' ', '0', 0, '-1', '601', 'ten', '5 s'],
  },
  retries: { target: 'webhook', good: ['0', 0, '20', 3, undefined], bad: ['', '-1', '21', 'many'] },
  folder: { target: 'file', good: ['/data', 'shots/front'], bad: ['', '  '] },
  pattern: {
    target: 'file',
    good: ['{camera}-{date}-{time}', 'latest', '玄関 {camera}', '{style}.{model}', undefined],
    bad: ['', 'a:b', '{foo}', '{}', '{camera', 'camera}', 'a/b', 'a\\b', '../a', 'a..b', '.hidden', 'a*'],
  },
  keepCount: {
    target: 'file',
    good: ['', '0', 0, '1', '500', 5, ' ', undefined],
    bad: ['-5', '0.5', 'few', '1e7'],
  },
  keepDays: { target: 'file', good: ['', '0', '0.5', '30', undefined], bad: ['-1', 'many', '1e6'] },
};

describe('the form of nigaoe-publish', () => {
  const form = readForm();
  const usual = (): Values =>
    Object.fromEntries([
      ['id', 'a'],
      ...Object.entries(form.defaults).map(([name, { value }]) => [name, value]),
    ]);

  for (const [name, { target, good, bad }] of Object.entries(TABLE))
    it(`takes for ${name} what the node takes, and nothing else`, () => {
      for (const [values, isGood] of [
        [good, true],
        [bad, false],
      ] as const)
        for (const value of values) {
          const node = { ...usual(), folder: '/data', url: 'http://a.test', target, [name]: value };
          assert.equal(formTakes(form, name, node), isGood, `form: ${name} ${JSON.stringify(value)}`);
          assert.equal(nodeTakes(node), isGood, `node: ${name} ${JSON.stringify(value)}`);
        }
    });

  it('lets an environment variable stand in each field', () => {
    const variable = '${SETTING}';
    for (const [name, { target }] of Object.entries(TABLE))
      assert.ok(formTakes(form, name, { ...usual(), target, [name]: variable }), name);
  });

  it('looks only at the fields of the chosen target', () => {
    for (const [name, { target, bad }] of Object.entries(TABLE))
      for (const other of ['mqtt', 'webhook', 'file'].filter((one) => one !== target))
        assert.ok(
          formTakes(form, name, { ...usual(), target: other, [name]: bad[0] }),
          `${name} for ${other}`,
        );
  });

  it('does not look at a discovery prefix that is not used', () => {
    const node = { ...usual(), discovery: false, prefix: '#' };
    assert.ok(formTakes(form, 'prefix', node));
    assert.ok(nodeTakes(node));
  });

  it('wants a broker for MQTT', () => {
    for (const broker of ['', undefined, '_ADD_'])
      assert.equal(formTakes(form, 'broker', { ...usual(), broker }), false);
    assert.equal(formTakes(form, 'broker', { ...usual(), broker: 'id' }), true);
  });

  it('begins with what the node takes where a flow leaves all of it out', () => {
    assert.deepEqual(filledForm({ id: 'a' }), usual());
    assert.deepEqual(filledForm({ id: 'a', name: null, retain: undefined }), usual());
  });

  it('is read whatever type a variable gives to a field', () => {
    const read = filledForm({ id: 'a', slug: 7, discovery: 'false', retain: 'true', keepCount: 5 });
    assert.deepEqual([read.slug, read.discovery, read.retain, read.keepCount], ['7', false, true, '5']);
  });

  it('names the node in the palette in the user’s language', () => {
    assert.equal(form.paletteLabel.call({ _: (key) => `«${key}»` }), '«nigaoe-publish.label.publish»');
  });
});

function formTakes(form: Form, name: string, node: Values): boolean {
  return form.defaults[name].validate?.call(node, node[name as keyof Values]) === true;
}

function nodeTakes(node: Values): boolean {
  const filled = filledForm({ ...node, id: 'a' });
  try {
    if (filled.target === 'mqtt') mqttOptions(filled, { brokerurl: 'mqtt://a.test', options: {} });
    else if (filled.target === 'webhook') webhookOptions(filled, 'hook');
    else new NamePattern(fileOptions(filled, '/').pattern);
    return true;
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'options');
    return false;
  }
}

/** With as much of the editor as registering takes. */
function readForm(): Form {
  const html = readFileSync(path.join(repositoryRoot(), 'node-red-node/nodes/nigaoe-publish.html'), 'utf8');
  let form: Form | undefined;
  const nodes = { registerType: (_type: string, registered: Form) => (form = registered) };
  const [, script] = /<script type="text\/javascript">(.*?)<\/script>/s.exec(html) ?? [];
  runInContext(script, createContext({ RED: { nodes }, URL }));
  if (form === undefined) throw new Error('the form registers nothing');
  return form;
}
