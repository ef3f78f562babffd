// The user's own models in the store: kept, renamed and removed as a whole.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { GanEntry } from '../../../shared/models/entry.js';
import { allEntries, ownEntries } from '../../../shared/models/store/installed.js';
import { keepOwn, renameOwn } from '../../../shared/models/store/own.js';
import { failureOf, modelOf, StoreWorld } from './store-world.js';

describe("the user's own models", () => {
  let world: StoreWorld;
  beforeEach(() => {
    world = new StoreWorld();
  });
  afterEach(() => world.close());

  const entryOf = (id: string, bytes: Buffer = world.content, commercial = false): GanEntry => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const file = { name: `${id}.onnx`, urls: [], sha256, bytes: bytes.length };
    return { ...modelOf([file], commercial), id };
  };
  const keep = (id: string, bytes = world.content, replace = false) =>
    keepOwn(world.home, { entry: entryOf(id, bytes), bytes }, { replace });
  const own = async () => (await ownEntries(world.home)).map(({ entry }) => entry.id);
  const at = (...parts: string[]) => path.join(world.home, ...parts);

  it('are there with file, entry and licence note', async () => {
    assert.equal(await keep('toy'), false);
    const store = world.store({ offline: true });
    assert.deepEqual(readFileSync(await store.ensure(entryOf('toy'))), world.content);
    assert.equal((await store.verify(entryOf('toy')))[0].state, 'good');
    assert.equal(await store.licenceAccepted(entryOf('toy')), true);
    assert.deepEqual(await own(), ['toy']);
  });

  it('are renamed with all that belongs to them', async () => {
    await keep('toy');
    const [toy] = await ownEntries(world.home);
    const renamed = await renameOwn(world.home, toy, 'doll');
    assert.deepEqual(renamed, entryOf('doll'));
    assert.deepEqual((await allEntries(world.store())).at(-1), renamed);
    const store = world.store({ offline: true });
    assert.deepEqual(readFileSync(await store.ensure(renamed)), world.content);
    assert.equal(await store.licenceAccepted(renamed), true);
    for (const gone of [at('models', 'toy'), at('styles', 'toy.json'), at('licences', 'toy.json')])
      assert.equal(existsSync(gone), false, gone);
  });

  it('take an id in every letter case: the folders of some systems know no difference', async () => {
    await keep('toy');
    for (const replace of [false, true]) {
      const { message, hint } = await failureOf(keep('TOY', world.content, replace), 'options');
      assert.match(message, /TOY is the same as toy, which is one of your styles already/);
      assert.match(hint ?? '', /replace the style as toy/);
    }
    assert.deepEqual(await own(), ['toy']);
  });

  it('are not renamed to an id that is taken', async () => {
    await keep('toy');
    await keep('doll', Buffer.from('doll'));
    const toy = (await ownEntries(world.home)).find(({ entry }) => entry.id === 'toy')!;
    await failureOf(renameOwn(world.home, toy, 'doll'), 'options');
    await failureOf(renameOwn(world.home, toy, 'toy'), 'options');
    assert.deepEqual(await own(), ['doll', 'toy']);
    assert.equal(readFileSync(at('models', 'doll', 'doll.onnx'), 'utf8'), 'doll');
  });

  it('are renamed by two at once in one way or the other, and neither waits for ever', async () => {
    await keep('toy');
    await keep('doll', Buffer.from('doll'));
    const [doll, toy] = await ownEntries(world.home);
    await Promise.allSettled([renameOwn(world.home, toy, 'doll'), renameOwn(world.home, doll, 'toy')]);
    assert.deepEqual(await own(), ['doll', 'toy']);
  });

  it('are renamed once by two at once, and never lose their file', async () => {
    await keep('toy');
    const [toy] = await ownEntries(world.home);
    const results = await Promise.allSettled(['doll', 'bear'].map((id) => renameOwn(world.home, toy, id)));
    const [renamed, ...others] = results.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    assert.deepEqual(others, []);
    assert.deepEqual(await own(), [renamed.id]);
    assert.equal(await world.store().present(renamed), true);
    const [refused] = results.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []));
    assert.match(refused.message, /toy but it is there no more/);
  });

  it('are renamed as what another import has made of them in the meantime', async () => {
    await keep('toy');
    const [toy] = await ownEntries(world.home);
    await keep('toy', Buffer.from('newer'), true);
    const renamed = await renameOwn(world.home, toy, 'doll');
    assert.equal((await world.store().verify(renamed))[0].state, 'good');
  });

  it('ask for their licence under a new id too, where it was not accepted', async () => {
    mkdirSync(at('styles'), { recursive: true });
    writeFileSync(at('styles', 'toy.json'), JSON.stringify(entryOf('toy')));
    const [toy] = await ownEntries(world.home);
    const renamed = await renameOwn(world.home, toy, 'doll');
    assert.equal(await world.store().licenceAccepted(renamed), false);
  });

  it('are renamed though their file is missing', async () => {
    await keep('toy');
    rmSync(at('models', 'toy', 'toy.onnx'));
    const [toy] = await ownEntries(world.home);
    assert.equal(await world.store().present(await renameOwn(world.home, toy, 'doll')), false);
  });

  it('are removed without a trace', async () => {
    await keep('toy');
    assert.equal(await world.store().remove(entryOf('toy')), true);
    for (const gone of [at('models', 'toy'), at('styles', 'toy.json'), at('licences', 'toy.json')])
      assert.equal(existsSync(gone), false, gone);
    assert.deepEqual(await own(), []);
  });

  it('take the place of an entry that was written by hand under another name, or is damaged', async () => {
    mkdirSync(at('styles'), { recursive: true });
    writeFileSync(at('styles', 'by-hand.json'), JSON.stringify(entryOf('toy')));
    await failureOf(keep('toy'), 'options');
    assert.equal(await keep('toy', world.content, true), true);
    assert.equal(existsSync(at('styles', 'by-hand.json')), false);
    writeFileSync(at('styles', 'toy.json'), '{');
    await failureOf(keep('toy'), 'options');
    assert.equal(await keep('toy', world.content, true), true);
    assert.deepEqual(await own(), ['toy']);
  });

  it('are as they were where another cannot take their place', async () => {
    await keep('toy');
    rmSync(at('styles', 'toy.json'));
    mkdirSync(at('styles', 'toy.json', 'full'), { recursive: true });
    await failureOf(keep('toy', Buffer.from('other'), true), 'store-unwritable');
    assert.deepEqual(readFileSync(at('models', 'toy', 'toy.onnx')), world.content);
    assert.deepEqual(existsSync(at('models', '.new-toy')), false);
    assert.deepEqual(existsSync(at('models', '.old-toy')), false);
  });

  it('say how to get them back where their file is missing', async () => {
    await keep('toy');
    rmSync(at('models', 'toy', 'toy.onnx'));
    const { hint } = await failureOf(world.store().ensure(entryOf('toy')), 'model-missing');
    assert.match(hint ?? '', /Import it again: `nigaoe models import FILE --id toy --replace`/);
  });
});
