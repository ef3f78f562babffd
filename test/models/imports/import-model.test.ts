// Importing a model with the library: what becomes a style, what is told of it, and what is refused without a trace.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { importModel, openGenerator, openStylizer } from '../../../shared/index.js';
import type { GanEntry } from '../../../shared/models/entry.js';
import { type ImportOptions, importStyle } from '../../../shared/models/imports/import-model.js';
import { labelled, labelOf, metadataOf } from '../../../shared/models/imports/label.js';
import { readOnnx } from '../../../shared/models/onnx/file.js';
import { allEntries } from '../../../shared/models/store/installed.js';
import { mindsporeFile, rawFolder, safetensorsFile } from '../../fixtures/checkpoint-files.js';
import { MIRROR, titled } from '../../fixtures/mirror.js';
import { EVERY_IO, shrinkingGan, tinyGan } from '../../fixtures/tiny-gan.js';
import { torchFile } from '../../fixtures/torch-file.js';
import { picture } from '../../generators/contract.js';
import { animeWeights, cycleFile, cycleWeights, ImportWorld, networkOf, SIGNED } from './world.js';

describe('importModel', () => {
  let world: ImportWorld;
  beforeEach(() => {
    world = new ImportWorld();
  });
  afterEach(() => world.close());

  const take = (path: string, options: ImportOptions = {}) =>
    importModel(path, { store: world.store(), ...options }) as Promise<GanEntry>;
  const draw = async (style: string) => {
    const generator = await openGenerator(style, { device: 'cpu', store: world.store() });
    const drawn = await generator.generate(picture(64, 80));
    await generator.close();
    return drawn;
  };

  describe('with an ONNX file', () => {
    it('keeps it byte for byte and draws with it by its id, as by its path', async () => {
      const path = world.gan();
      const entry = await take(path, { id: 'my-style', licence: 'MIT' });
      const kept = world.store().pathOf(entry);
      assert.equal(kept, join(world.home, 'models', 'my-style', 'my-style.onnx'));
      assert.deepEqual(readFileSync(kept), readFileSync(path));
      assert.deepEqual(await draw('my-style'), await draw(path));
      assert.deepEqual(
        world.stored().filter((name) => !name.endsWith('.verified')),
        ['models/my-style/my-style.onnx', 'styles/my-style.json'],
      );
    });

    it('tells what the entry says: title, source, licence, pixels, sides, scope', async () => {
      const { files, ...entry } = await take(world.gan(), {
        title: 'Mine',
        scope: 'portrait',
        licence: 'mit',
      });
      assert.deepEqual(entry, {
        id: 'mine',
        title: 'Mine',
        source: 'imported from mine.onnx',
        licence: {
          name: 'MIT',
          commercial: true,
          notice: 'This style is under MIT, as was stated when it was imported.',
        },
        scope: 'portrait',
        kind: 'gan',
        io: SIGNED,
        side: { multipleOf: 32, minPx: 64, maxPx: 1280 },
      });
      assert.deepEqual(Object.keys(files[0]), ['name', 'urls', 'sha256', 'bytes']);
      assert.deepEqual((await allEntries(world.store())).at(-1), { files, ...entry });
    });

    for (const io of EVERY_IO.filter(({ channels }) => channels === 'rgb'))
      it(`finds out how it wants its pixels: ${io.layout}, ${io.range.join(' to ')}`, async () => {
        assert.deepEqual((await take(world.gan('a.onnx', io))).io, io);
      });

    it('believes the user who knows better', async () => {
      const path = world.file('a.onnx', tinyGan({ io: SIGNED, kind: 'identity' }));
      const { io } = await take(path, { range: [0, 255], channels: 'bgr', layout: 'nchw' });
      assert.deepEqual(io, { layout: 'nchw', channels: 'bgr', range: [0, 255] });
    });

    it('asks for the layout where the shape does not tell it, and takes it then', async () => {
      const free = ['batch', 'a', 'b', 'c'];
      const model = tinyGan({ io: { ...SIGNED, layout: 'nhwc' }, kind: 'random' });
      for (const { type } of [...model.graph.input, ...model.graph.output])
        type!.tensorType!.shape!.dim = free.map((dimParam) => ({ dimParam }));
      const path = world.file('free.onnx', model);
      await assert.rejects(take(path), { code: 'model-unsupported', hint: /--layout nchw .* --layout nhwc/ });
      assert.equal((await take(path, { layout: 'nhwc' })).io.layout, 'nhwc');
    });

    it('takes one of a fixed size at that size', async () => {
      const dims = [1, 3, 96, 96];
      const { side } = await take(
        world.file(
          'fixed.onnx',
          networkOf((graph, x) => graph.op('Tanh', [x]), dims),
        ),
      );
      assert.deepEqual(side, { multipleOf: 96, minPx: 96, maxPx: 96 });
    });

    it('says that one of a fixed size makes whole photos coarse', async () => {
      const model = networkOf((graph, x) => graph.op('Tanh', [x]), [1, 3, 96, 96]);
      const said: string[] = [];
      await take(world.file('fixed.onnx', model), { onNotice: (sentence) => said.push(sentence) });
      assert.match(
        said.join(),
        /^It draws at 96 px only, so that whole photos become coarse: export it with free/,
      );
    });

    it('names it without what a terminal would take for a command', async () => {
      const path = world.gan('a\u001b[31m\nb.onnx');
      const { title, source } = await take(path, { id: 'a' });
      assert.deepEqual([title, source], ['Imported from a [31m b.onnx', 'imported from a [31m b.onnx']);
    });

    const known = MIRROR && join(MIRROR, 'AnimeGANv3_tiny_Cute.onnx');
    it(
      titled('knows a file of the catalogue under any name, and keeps its licence', known),
      async function () {
        if (known === undefined) return this.skip();
        const path = world.file('mine.onnx', readFileSync(known));
        const said: string[] = [];
        const onNotice = (sentence: string) => said.push(sentence);
        const { licence } = await take(path, { onNotice });
        assert.deepEqual([licence.name, licence.commercial], ['AnimeGANv3 non-commercial', false]);
        const stated = await take(path, { id: 'other', licence: 'MIT', onNotice });
        assert.equal(stated.licence.name, 'MIT');
        assert.match(said[0], /knows this file as tiny-cute: it is under AnimeGANv3 non-commercial/);
        assert.match(said[1], /as tiny-cute, under .* not for commercial use: make sure that MIT is right/);
      },
    );

    it('learns that one needs larger pictures than most', async () => {
      const model = networkOf((graph, x) => {
        const means = graph.op('AveragePool', [x], { kernel_shape: [128, 128], strides: [128, 128] });
        const scales = graph.weight([4], Float32Array.of(1, 1, 128, 128));
        return graph.op('Add', [x, graph.op('Resize', [means, '', scales], { mode: 'nearest' })]);
      });
      assert.deepEqual((await take(world.file('deep.onnx', model))).side, {
        multipleOf: 32,
        minPx: 256,
        maxPx: 1280,
      });
    });

    it('believes what an exported file says of itself', async () => {
      const label = {
        io: { layout: 'nchw', channels: 'bgr', range: [0, 1] },
        side: { multipleOf: 8, minPx: 72, maxPx: 512 },
        scope: 'faces',
        licence: { name: 'Toy-1.0', commercial: false, notice: 'Toys are for play only.' },
        title: 'A toy',
        source: 'https://example.org/toy',
      } as const;
      const path = world.file('toy.onnx', labelled(tinyGan({ io: SIGNED, kind: 'random' }), label));
      const { io, side, scope, licence, title, source } = await take(path);
      assert.deepEqual({ io, side, scope, licence, title, source }, label);
    });
  });

  describe('with a checkpoint', () => {
    it('recognises its network, and keeps it as an ONNX file that tells what it is', async () => {
      const path = world.file('latest.pth', cycleFile());
      const { entry, network } = await importStyle(path, { store: world.store(), licence: 'BSD-2-Clause' });
      assert.equal(network.origin?.architecture.id, 'cyclegan');
      assert.match(entry.title, /^CycleGAN .*, imported from latest\.pth$/);
      const label = labelOf(metadataOf(readOnnx(readFileSync(world.store().pathOf(entry)))));
      const { title, source, licence, scope, io, side } = entry;
      const made = { architecture: 'cyclegan', form: '4 channels, 6 blocks', format: 'pytorch' };
      const parameters = network.origin?.parameters;
      assert.deepEqual(label, { ...made, parameters, title, source, licence, scope, io, side });
    });

    it('draws the same by its id as by its path', async () => {
      const path = world.file('latest.pth', cycleFile());
      await take(path, { id: 'summer' });
      assert.deepEqual(await draw('summer'), await draw(path));
    });

    const files: [string, () => Uint8Array][] = [
      ['state-dict.pt', cycleFile],
      ['legacy.pth', () => torchFile(cycleWeights(), { legacy: true })],
      ['parallel.pt', () => torchFile(cycleWeights(), { wrap: 'state_dict', prefix: 'module.' })],
      ['weights.safetensors', () => safetensorsFile(Object.fromEntries(cycleWeights()))],
      ['training.ckpt', () => mindsporeFile(Object.fromEntries(cycleWeights()))],
    ];
    for (const [name, content] of files)
      it(`takes the same weights from ${name}`, async () => {
        await take(world.file('plain.pt', cycleFile()));
        await take(world.file(name, content()), { id: 'other' });
        assert.deepEqual(await draw('other'), await draw('plain'));
      });

    it('takes the licence that a .safetensors file names', async () => {
      const tensors = Object.fromEntries(cycleWeights());
      const named = (license: string) => safetensorsFile(tensors, { metadata: { license } });
      const { licence } = await take(world.file('a.safetensors', named('apache-2.0')));
      assert.deepEqual(licence, {
        name: 'Apache-2.0',
        commercial: true,
        notice: 'This style is under Apache-2.0, as its file says.',
      });
      const other = await take(world.file('b.safetensors', named('CC-BY-NC-4.0')));
      assert.equal(other.licence.commercial, false);
      assert.equal(
        (await take(world.path('b.safetensors'), { id: 'c', licence: 'MIT' })).licence.name,
        'MIT',
      );
    });

    it('refuses options that would change nothing in its network', async () => {
      const path = world.file('horse.pt', cycleFile());
      for (const [options, networks] of [
        [{ alignCorners: false }, /an AnimeGANv2 generator for --no-align-corners/],
        [{ blocks: 6 }, /a CycleGAN generator of MindSpore .* for --blocks/],
      ] as [ImportOptions, RegExp][])
        await assert.rejects(take(path, options), {
          code: 'options',
          message: networks,
          hint: /Leave it out/,
        });
      assert.deepEqual(world.stored(), []);
    });

    it('keeps which variant it was taken for', async () => {
      const path = world.file('face.pt', torchFile(animeWeights()));
      const entry = await take(path, { alignCorners: false });
      const { form } = labelOf(metadataOf(readOnnx(readFileSync(world.store().pathOf(entry)))));
      assert.equal(form, '32 channels, corners not aligned');
    });

    it('takes a folder of raw variables', async () => {
      rawFolder(world.path('summer'), Object.fromEntries(cycleWeights()));
      assert.equal((await take(world.path('summer'))).id, 'summer');
      assert.deepEqual(await draw('summer'), await draw(world.path('summer') + '/'));
    });

    it('is told in one line what it is and under which licence', async () => {
      for (const words of [{ title: 'a\nb' }, { title: '' }, { licence: ' ' }, { licence: 'MIT\u0007' }])
        await assert.rejects(take(world.gan(), words), {
          code: 'options',
          message: /^Expected one line of text for --(title|licence)/,
        });
    });

    it('needs no word on pixels, as an ONNX file needs none on the architecture', async () => {
      const checkpoint = world.file('a.pt', cycleFile());
      for (const wish of [{ layout: 'nhwc' }, { channels: 'bgr' }, { range: [0, 1] }] as const)
        await assert.rejects(take(checkpoint, wish), { code: 'options', hint: /it is known already/ });
      for (const wish of [{ blocks: 9 }, { alignCorners: false }, { part: 'netG' }])
        await assert.rejects(take(world.gan(), wish), { code: 'options', hint: /drawn with as it is/ });
    });
  });

  describe('and the licence', () => {
    it('counts it as accepted, so that nobody asks again', async () => {
      const entry = await take(world.gan(), { licence: 'CC-BY-NC-4.0' });
      assert.equal(entry.licence.commercial, false);
      assert.equal(await world.store().licenceAccepted(entry), true);
      await draw('mine');
    });

    it('forgets what was accepted when a freer one takes its place', async () => {
      await take(world.gan(), { licence: 'CC-BY-NC-4.0' });
      await take(world.gan(), { licence: 'MIT', replace: true });
      assert.equal(
        world.stored().some((name) => name.startsWith('licences/')),
        false,
      );
    });
  });

  describe('under an id that is taken', () => {
    it('is refused, unless it shall take the place of the other', async () => {
      await take(world.gan(), { title: 'first' });
      await assert.rejects(take(world.gan()), {
        code: 'options',
        message: 'Expected a new id but mine is one of your styles already',
        hint: /--replace/,
      });
      await take(world.file('b.onnx', tinyGan({ io: SIGNED, kind: 'blocky' })), {
        id: 'mine',
        replace: true,
        title: 'second',
      });
      const [own, ...others] = (await allEntries(world.store())).slice(-1);
      assert.deepEqual([own.title, others.length], ['second', 0]);
      assert.deepEqual(await draw('mine'), await draw(world.path('b.onnx')));
      assert.deepEqual(
        await world
          .store()
          .verify(own)
          .then(([file]) => file.state),
        'good',
      );
    });

    it('is drawn with anew by a stylizer that had opened the other', async () => {
      const bytes = await sharp({ create: { width: 96, height: 96, channels: 3, background: '#4080c0' } })
        .png()
        .toBuffer();
      const negative = networkOf((graph, x) => graph.op('Neg', [x]));
      const same = networkOf((graph, x) => graph.op('Identity', [x]));
      const stylizer = await openStylizer({ store: { home: world.home, offline: true } });
      const drawnBy = async (style: string) => {
        const { bytes: drawn } = await stylizer.stylize(bytes, { style, device: 'cpu', scope: 'photo' });
        return [...(await sharp(drawn).raw().toBuffer()).subarray(0, 3)];
      };
      const path = world.file('mine.onnx', same);
      await take(path);
      assert.deepEqual(
        [await drawnBy('mine'), await drawnBy(path)],
        [
          [64, 128, 192],
          [64, 128, 192],
        ],
      );
      world.file('mine.onnx', negative);
      await take(path, { replace: true });
      assert.deepEqual(
        [await drawnBy('mine'), await drawnBy(path)],
        [
          [191, 127, 63],
          [191, 127, 63],
        ],
      );
      await stylizer.close();
    });

    it('lets one of two imports at the same moment win', async () => {
      const both = await Promise.allSettled([
        take(world.gan()),
        take(world.gan('other.onnx'), { id: 'mine' }),
      ]);
      assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
      assert.equal((await draw('mine')).dims.length, 4);
    });

    it('leaves the old style as it was where the new file is no style', async () => {
      await take(world.gan());
      const before = world.stored();
      const drawn = await draw('mine');
      await assert.rejects(take(world.file('b.onnx', shrinkingGan()), { id: 'mine', replace: true }));
      assert.deepEqual(
        world.stored().filter((name) => !name.endsWith('.verified')),
        before,
      );
      assert.deepEqual(await draw('mine'), drawn);
    });
  });

  it('leaves nothing behind when it is cancelled', async () => {
    await assert.rejects(take(world.gan(), { signal: AbortSignal.abort() }), { code: 'cancelled' });
    const stop = new AbortController();
    const work = take(world.file('a.pt', cycleFile()), { signal: stop.signal });
    setImmediate(() => stop.abort());
    await assert.rejects(work, { code: 'cancelled' });
    assert.deepEqual(world.stored(), []);
  });

  it('says what to do where the store cannot be written', async () => {
    writeFileSync(world.home, 'a file in the way');
    await assert.rejects(take(world.gan()), { code: 'store-unwritable', hint: /NIGAOE_HOME/ });
  });

  it('leaves nothing behind where the entry cannot be written', async () => {
    mkdirSync(world.home);
    writeFileSync(join(world.home, 'styles'), 'a file in the way');
    await assert.rejects(take(world.gan()), { code: 'store-unwritable' });
    assert.deepEqual(world.stored(), ['styles']);
  });
});
