// Which networks are recognised, under which names, and how the others are refused.

import assert from 'node:assert/strict';
import type { Shapes } from '../../../shared/models/architectures/architecture.js';
import { ARCHITECTURES, recognise } from '../../../shared/models/architectures/recognise.js';
import { sizeOf } from '../../../shared/tensor.js';
import animeganv2 from '../../oracles/animeganv2.json' with { type: 'json' };
import cyclegan from '../../oracles/cyclegan.json' with { type: 'json' };
import mindspore from '../../oracles/cyclegan_mindspore.json' with { type: 'json' };
import johnson from '../../oracles/johnson.json' with { type: 'json' };
import { casesOf, shapesOf } from './oracle.js';

/** The shapes of one case. */
function shapes(cases: unknown, title: string): Map<string, readonly number[]> {
  const found = casesOf(cases).find((each) => each.title === title);
  assert.ok(found, title);
  return shapesOf(found.tensors);
}

const ANIME = () => shapes(animeganv2, 'corners aligned');
const CYCLE = () => shapes(cyclegan, '6 blocks');
const SHARED = () => shapes(mindspore, 'one block shared 9 times');
const STYLE = () => shapes(johnson, "PyTorch's form");
const VARIABLES = () => shapes(johnson, "TensorFlow's form");

const under = (prefix: string, own: Shapes): Shapes =>
  new Map([...own].map(([key, dims]) => [prefix + key, dims]));
const together = (...all: Shapes[]): Shapes => new Map(all.flatMap((each) => [...each]));
const beside = (own: Shapes, others: Record<string, number[]>): Shapes =>
  together(own, new Map(Object.entries(others)));
const without = (own: Shapes, pattern: RegExp): Shapes =>
  new Map([...own].filter(([key]) => !pattern.test(key)));

/** The same network with every number of channels (all multiples of 4 in the cases) times a factor. */
const wider = (own: Shapes, factor: number): Shapes =>
  new Map([...own].map(([key, dims]) => [key, dims.map((dim) => (dim % 4 === 0 ? dim * factor : dim))]));

describe('recognising a network by its keys and shapes', () => {
  const KNOWN: [string, Shapes, string, string][] = [
    ['AnimeGANv2', ANIME(), 'animeganv2', '32 channels, corners aligned'],
    ['CycleGAN', CYCLE(), 'cyclegan', '4 channels, 6 blocks'],
    [
      'a CycleGAN with dropout',
      shapes(cyclegan, '9 blocks with dropout'),
      'cyclegan',
      '6 channels, 9 blocks, dropout',
    ],
    ['a CycleGAN of 2 blocks', shapes(cyclegan, '2 blocks'), 'cyclegan', '8 channels, 2 blocks'],
    ['one with batch norms', shapes(cyclegan, 'batch norm'), 'cyclegan', '4 channels, 3 blocks, batch norms'],
    [
      'one with batch norms and dropout',
      shapes(cyclegan, 'batch norm with dropout'),
      'cyclegan',
      '4 channels, 2 blocks, batch norms, dropout',
    ],
    [
      'one with affine norms',
      shapes(cyclegan, 'affine instance norm'),
      'cyclegan',
      '4 channels, 2 blocks, affine norms',
    ],
    ["MindSpore's", SHARED(), 'cyclegan-mindspore', '4 channels, one block applied 9 times'],
    [
      "MindSpore's with blocks of their own",
      shapes(mindspore, '5 blocks of their own'),
      'cyclegan-mindspore',
      '4 channels, 5 blocks',
    ],
    ["Johnson's in PyTorch", STYLE(), 'johnson', '4 channels, 5 blocks'],
    ["Johnson's in TensorFlow", VARIABLES(), 'johnson-tensorflow', '4 channels, 5 blocks'],
  ];

  for (const [title, own, id, summary] of KNOWN)
    it(`finds ${title}`, () => {
      const { architecture, plan, part } = recognise(own);
      assert.deepEqual([architecture.id, plan.summary, part], [id, summary, '']);
    });

  // The numbers that these networks are known for.
  for (const [title, own, parameters] of [
    ['AnimeGANv2', ANIME(), 2_143_552],
    ['CycleGAN of 64 channels and 9 blocks', wider(nineBlocks(), 16), 11_378_179],
    ["PyTorch's style network of 32 channels", wider(STYLE(), 8), 1_679_235],
  ] as [string, Shapes, number][])
    it(`counts the ${parameters.toLocaleString('en')} parameters of ${title}`, () => {
      const { tensors } = recognise(own).plan;
      assert.equal(
        [...tensors.values()].reduce((sum, dims) => sum + sizeOf(dims), 0),
        parameters,
      );
    });

  it('applies the shared block of MindSpore as often as it is told', () => {
    assert.match(recognise(SHARED(), { blocks: 6 }).plan.summary, /one block applied 6 times/);
  });

  it('takes the shared block of MindSpore under any number', () => {
    const last = new Map(
      [...SHARED()].map(([key, dims]) => [key.replace('residuals.0.', 'residuals.8.'), dims]),
    );
    assert.match(recognise(last).plan.summary, /one block applied 9 times/);
  });

  it('leaves the statistics alone that old files keep for instance norms', () => {
    const statistics = {
      'model.2.running_mean': [4],
      'model.2.running_var': [4],
      'model.2.num_batches_tracked': [],
    };
    assert.equal(recognise(beside(CYCLE(), statistics)).plan.summary, '4 channels, 6 blocks');
    recognise(beside(STYLE(), { 'in1.running_mean': [4], 'res2.in2.running_var': [16] }));
  });
});

/** Six blocks more than a CycleGAN of 3: the case of 9 has dropout, which moves keys but adds none. */
function nineBlocks(): Shapes {
  const own = [...shapes(cyclegan, '9 blocks with dropout')];
  // Its channels are multiples of 6: as if they were of 4.
  return new Map(own.map(([key, dims]) => [key, dims.map((dim) => (dim % 6 === 0 ? (dim * 4) / 6 : dim))]));
}

describe('a network inside a larger file', () => {
  for (const part of ['generator.', 'module.', 'netG_A.module.', 'net_rg_a.', 'G.', 'whatever.'])
    it(`is found under ${part}`, () => {
      for (const own of [ANIME(), CYCLE(), SHARED(), STYLE(), VARIABLES()])
        assert.equal(recognise(under(part, own)).part, part);
    });

  it('is found beside discriminators and what training left behind', () => {
    const training = {
      'netD.model.0.weight': [64, 3, 4, 4],
      'net_d_a.features.0.weight': [64, 3, 4, 4],
      'moment1.conv_in.features.0.weight': [4, 3, 7, 7],
      'moment2.conv_in.features.0.weight': [4, 3, 7, 7],
      'optimizer.state.0.exp_avg': [4, 3, 7, 7],
      'optimizer_G.state.0.exp_avg': [4, 3, 7, 7],
      beta1_power: [1],
      learning_rate: [1],
      global_step: [1],
      epoch: [],
    };
    for (const own of [ANIME(), CYCLE(), SHARED(), STYLE(), VARIABLES()]) {
      recognise(beside(own, training));
      recognise(beside(under('netG.', own), training));
    }
    recognise(beside(VARIABLES(), { 'Variable/Adam': [9, 9, 3, 4], 'Variable/Adam_1': [9, 9, 3, 4] }));
  });

  const both = () => together(under('netG_A.module.', CYCLE()), under('netG_B.module.', CYCLE()));

  it('must be named where there are several', () => {
    assert.throws(() => recognise(both(), { name: 'both.pth' }), {
      code: 'options',
      message: 'Expected one network in both.pth but it holds 2: netG_A.module, netG_B.module',
    });
    for (const part of ['netG_B', 'netG_B.', 'netG_B.module', 'netG_B.module.'])
      assert.equal(recognise(both(), { part }).part, 'netG_B.module.');
  });

  it('cannot be one that is not there', () => {
    assert.throws(() => recognise(both(), { part: 'netG_C', name: 'both.pth' }), {
      code: 'options',
      message: 'Expected a part of both.pth but "netG_C" names none',
      hint: 'Its parts are: netG_A.module, netG_B.module.',
    });
  });

  it('may be nameless beside a named copy', () => {
    const averaged = together(CYCLE(), under('ema.', CYCLE()));
    assert.throws(() => recognise(averaged), { code: 'options' });
    assert.equal(recognise(averaged, { part: 'ema' }).part, 'ema.');
    assert.equal(recognise(averaged, { part: '' }).part, '');
  });
});

describe('a network that nigaoe does not know', () => {
  const refused = (own: Shapes, message: RegExp) =>
    assert.throws(
      () => recognise(own, { name: 'cat.pth' }),
      (error: Error) => {
        assert.match(error.message, /^Expected a network .* in cat\.pth but /);
        assert.match(error.message, message);
        return 'code' in error && error.code === 'model-unsupported';
      },
    );

  it('is refused with all that are known and the way out', () => {
    const other = new Map([['backbone.conv.weight', [8, 3, 3, 3]]]);
    assert.throws(
      () => recognise(other),
      ({ hint }: { hint: string }) =>
        ARCHITECTURES.every(({ title }) => hint.includes(title)) && hint.includes('.onnx'),
    );
    refused(other, /its tensors fit none of them: backbone\.conv\.weight$/);
  });

  it('is told of keys without end by their beginnings', () => {
    refused(new Map([['k'.repeat(5000), [8]]]), /fit none of them: k{120}…$/);
  });

  it('is refused at once where its keys begin thousands', () => {
    const keys = Array.from(
      { length: 50_000 },
      (_, at) => [`net${at}.model.1.weight`, [8, 3, 7, 7]] as const,
    );
    assert.throws(() => recognise(new Map(keys), { name: 'cat.pth' }), {
      code: 'model-unsupported',
      message: 'Expected at most 100 networks in cat.pth but 50000 of its keys begin one',
    });
  });

  it('is told what is missing', () => {
    refused(
      without(CYCLE(), /^model\.19\./),
      /the nearest, the CycleGAN ResNet generator .*; missing: model\.19\.weight, model\.19\.bias$/,
    );
    refused(without(CYCLE(), /bias/), /missing: model\.23\.bias$/);
    refused(without(STYLE(), /^res3/), /unexpected: res4\.conv1\.conv2d\.weight, .* and 10 more$/);
    refused(without(STYLE(), /^res/), /missing: res1\.conv1\.conv2d\.weight/);
    refused(without(ANIME(), /^block_c\.[234]/), /missing: (block_c\S+, ){5}\S+ and \d+ more$/);
  });

  it('is told what is too much', () => {
    refused(beside(STYLE(), { 'res6.extra.weight': [3] }), /unexpected: res6\.extra\.weight$/);
    refused(beside(VARIABLES(), { Variable_48: [3, 3, 3, 3] }), /unexpected: Variable_48$/);
    refused(
      beside(SHARED(), { 'residuals.0.conv3.features.0.weight': [9] }),
      /unexpected: residuals\.0\.conv3/,
    );
  });

  it('is told what has another shape', () => {
    refused(
      beside(ANIME(), { 'block_a.1.1.weight': [64, 32, 5, 5] }),
      /of another shape: block_a\.1\.1\.weight is 64x32x5x5 instead of 64x32x3x3$/,
    );
  });

  it('is told of the nearest, where several parts come near', () => {
    const parts = together(
      under('a.', without(CYCLE(), /^model\.(16|19)/)),
      under('b.', without(CYCLE(), /^model\.23\.bias/)),
    );
    refused(parts, /missing: model\.23\.bias$/);
  });

  it('is refused for pictures that are not of three channels', () => {
    const grey = beside(CYCLE(), {
      'model.1.weight': [4, 1, 7, 7],
      'model.23.weight': [1, 4, 7, 7],
      'model.23.bias': [1],
    });
    refused(grey, /it takes pictures of 1 channel and draws 1 channel, where nigaoe has three \(RGB\)$/);
    refused(
      beside(SHARED(), { 'conv_in.features.0.weight': [4, 6, 7, 7] }),
      /pictures of 6 channels and draws 3/,
    );
    refused(
      beside(STYLE(), { 'deconv3.conv2d.weight': [1, 4, 9, 9], 'deconv3.conv2d.bias': [1] }),
      /draws 1 channel/,
    );
    refused(beside(VARIABLES(), { Variable: [9, 9, 1, 4] }), /pictures of 1 channel/);
  });

  for (const [key, dims, what] of [
    ['model.model.1.model.3.model.1.weight', [128, 64, 4, 4], /the U-Net generator of pix2pix/],
    ['model.0.weight', [64, 3, 4, 4], /a PatchGAN discriminator/],
    ['net_d_a.features.0.weight', [64, 3, 4, 4], /a PatchGAN discriminator/],
    ['model.7.filt', [128, 1, 3, 3], /contrastive unpaired translation/],
    ['unet:0:up', [320, 4], /a LoRA/],
    ['lora_unet_down_blocks_0.lora_up.weight', [320, 4], /a LoRA/],
    ['model.diffusion_model.time_embed.0.weight', [1280, 320], /a diffusion model/],
    ['g_ema.synthesis.b4.const', [512, 4, 4], /a StyleGAN/],
  ] as [string, number[], RegExp][])
    it(`is called by its name: ${what.source}`, () => refused(new Map([[key, dims]]), what));

  it('is not sent to ONNX where that would not help', () => {
    const lora = new Map([['unet:0:up', [320, 4]]]);
    assert.throws(() => recognise(lora), { hint: /^It draws nothing by itself/ });
  });

  it('is said to be nothing where there is nothing', () => {
    refused(new Map(), /it holds no weights$/);
    refused(new Map([['epoch', []]]), /it holds no weights$/);
  });
});
