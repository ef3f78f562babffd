// LoRAs merged into exported networks.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { torchNoise } from '../../../shared/generators/diffusion/noise.js';
import { openDiffusion } from '../../../shared/generators/diffusion/pipeline.js';
import { writeSafetensors } from '../../../shared/models/checkpoints/write-safetensors.js';
import { type LoraModule, loraDelta, loraShape } from '../../../shared/models/lora/delta.js';
import { readLora } from '../../../shared/models/lora/file.js';
import { fitLoras } from '../../../shared/models/lora/fit.js';
import { mergeLoras } from '../../../shared/models/lora/merge.js';
import { modulesOf } from '../../../shared/models/lora/modules.js';
import { readOnnx } from '../../../shared/models/onnx/file.js';
import { floatsOf } from '../../../shared/models/onnx/tensor-proto.js';
import { tensor } from '../../../shared/tensor.js';
import { writeTinyDiffusion } from '../../fixtures/tiny-diffusion.js';

const MAP = 'down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k';
const [DOWN, UP] = [Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), Float32Array.of(0.5, -1, 0, 2)];
const random = (dims: number[], seed: number) =>
  tensor(dims, torchNoise(seed)(dims.reduce((product, dim) => product * dim, 1)));

describe('LoRAs', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-lora-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  const file = (name: string) => path.join(folder, name);

  async function save(name: string, tensors: Record<string, ReturnType<typeof tensor>>): Promise<string> {
    await writeFile(file(name), writeSafetensors(new Map(Object.entries(tensors))));
    return file(name);
  }
  const kohya = () =>
    save('kohya.safetensors', {
      [`lora_unet_${MAP.replaceAll('.', '_')}.lora_down.weight`]: tensor([1, 8], DOWN),
      [`lora_unet_${MAP.replaceAll('.', '_')}.lora_up.weight`]: tensor([4, 1], UP),
      [`lora_unet_${MAP.replaceAll('.', '_')}.alpha`]: tensor([], Float32Array.of(0.5)),
      'lora_unet_conv_in.lora_down.weight': random([2, 4, 3, 3], 1),
      'lora_unet_conv_in.lora_up.weight': random([4, 2, 1, 1], 2),
      'lora_unet_mid_block_attentions_0_proj_in.lora_down.weight': random([1, 4], 3),
      'lora_unet_mid_block_attentions_0_proj_in.lora_up.weight': random([4, 1], 4),
    });
  const weightsOf = async (model: string) => {
    const modules = modulesOf(readOnnx(await readFile(model)));
    return Object.fromEntries([...modules].map(([name, { weight }]) => [name, floatsOf(weight)]));
  };

  it('are found in a graph by the names of weights and of nodes', async () => {
    const root = await writeTinyDiffusion(file('names'));
    const modules = modulesOf(readOnnx(await readFile(path.join(root, 'unet/model.onnx'))));
    assert.deepEqual(
      [...modules].map(([name, { isTurned }]) => [name, isTurned]),
      [
        [MAP.replaceAll('.', '_'), true],
        ['conv_in', false],
      ],
    );
  });

  it('change the weights that they name, tell what is not there, and are taken back by their negative', async () => {
    const root = await writeTinyDiffusion(file('plain'));
    const source = path.join(root, 'unet/model.onnx');
    const { networks } = await readLora(await kohya());
    const use = (strength: number) => [{ name: 'kohya', modules: networks.unet, strength }];
    const report = await mergeLoras({ source, target: file('once/model.onnx') }, use(0.8));
    assert.deepEqual(report, { merged: 2, unmatched: ['kohya: mid_block_attentions_0_proj_in'] });
    const [before, after] = [await weightsOf(source), await weightsOf(file('once/model.onnx'))];
    const name = MAP.replaceAll('.', '_');
    // [in, out] in the graph: row 2, column 3 is up[3] down[2], by 0.8 times 0.5.
    const change = after[name][2 * 4 + 3] - before[name][2 * 4 + 3];
    assert.ok(Math.abs(change - 0.8 * 0.5 * 2 * 3) < 1e-5, `${change}`);
    await mergeLoras({ source: file('once/model.onnx'), target: file('back/model.onnx') }, use(-0.8));
    const back = await weightsOf(file('back/model.onnx'));
    for (const each of [name, 'conv_in'])
      for (const [at, value] of back[each].entries()) assert.ok(Math.abs(value - before[each][at]) < 1e-5);
  });

  it('change what lies in a file beside the graph as well', async () => {
    const [inside, beside] = [
      await writeTinyDiffusion(file('inside')),
      await writeTinyDiffusion(file('beside'), { isExternal: true }),
    ];
    const loras = [{ file: await kohya(), strength: 1 }];
    const wish = {
      ...{ prompt: 'a cat', negative: '', steps: 3, guidance: 5, sampler: 'ddim', seed: 1 },
      ...{ widthPx: 64, heightPx: 64 },
    };
    const draw = async (root: string, changed: boolean, notices: string[] = []) => {
      const onNotice = (sentence: string) => notices.push(sentence);
      const told = { device: 'cpu', cache: file('cache'), onNotice } as const;
      const diffusion = await openDiffusion(root, { ...told, ...(changed && { loras }) });
      const drawn = await diffusion.draw(wish);
      await diffusion.close();
      return drawn;
    };
    const notices: string[] = [];
    const [plain, one, other] = [
      await draw(inside, false),
      await draw(inside, true, notices),
      await draw(beside, true),
    ];
    assert.notDeepEqual(one, plain);
    assert.deepEqual(other, one);
    assert.deepEqual(notices, [
      '2 modules of unet changed',
      'Not there, or not to be changed alone: kohya.safetensors: mid_block_attentions_0_proj_in',
    ]);
    assert.deepEqual(await draw(inside, true), one);
    // Other weights under the same graph are another network.
    const weights = path.join(beside, 'unet/model.onnx_data');
    await writeFile(weights, new Uint8Array((await readFile(weights)).length));
    assert.notDeepEqual(await draw(beside, true), one);
  });

  it('never change what a link in the folder points to', async () => {
    const root = await writeTinyDiffusion(file('linked'));
    const [model, blob] = [path.join(root, 'unet/model.onnx'), file('blob')];
    await rename(model, blob);
    await symlink(blob, model);
    const before = await readFile(blob);
    const { networks } = await readLora(await kohya());
    const target = path.join(file('copy'), 'model.onnx');
    await mkdir(file('copy'));
    await symlink(blob, target);
    await mergeLoras({ source: model, target }, [{ name: 'kohya', modules: networks.unet, strength: 1 }]);
    assert.ok((await readFile(blob)).equals(before));
    assert.ok(!(await readFile(target)).equals(before));
  });

  it('of kinds that would come out wrong are refused by name', async () => {
    const dora = await save('dora.safetensors', {
      [`unet.${MAP}.lora_magnitude_vector.weight`]: random([4], 1),
    });
    await assert.rejects(readLora(dora), /but it has unet\..*lora_magnitude_vector/);
  });

  it('of PEFT are as strong as its settings beside them say', async () => {
    await mkdir(file('peft'));
    const settings = { lora_alpha: 8, r: 4, use_rslora: true };
    await writeFile(file('peft/adapter_config.json'), JSON.stringify(settings));
    const tensors = {
      [`base_model.model.${MAP}.lora_A.weight`]: random([4, 8], 1),
      [`base_model.model.${MAP}.lora_B.weight`]: random([4, 4], 2),
    };
    const { networks } = await readLora(await save('peft/adapter_model.safetensors', tensors));
    // alpha / sqrt(rank) is alpha sqrt(rank) / rank.
    assert.equal(networks.unet.get(MAP.replaceAll('.', '_'))?.alpha?.data[0], 16);
  });

  it('are the same in every spelling', async () => {
    const [down, up] = [tensor([1, 8], DOWN), tensor([4, 1], UP)];
    const spellings = {
      peft: { [`unet.${MAP}.lora_A.weight`]: down, [`unet.${MAP}.lora_B.weight`]: up },
      early: {
        [`unet.${MAP.replace('.to_k', '')}.processor.to_k_lora.down.weight`]: down,
        [`unet.${MAP.replace('.to_k', '')}.processor.to_k_lora.up.weight`]: up,
      },
      late: {
        [`unet.${MAP}.lora.down.weight`]: down,
        [`unet.${MAP}.lora.up.weight`]: up,
      },
      original: {
        'lora_unet_input_blocks_1_1_transformer_blocks_0_attn2_to_k.lora_down.weight': down,
        'lora_unet_input_blocks_1_1_transformer_blocks_0_attn2_to_k.lora_up.weight': up,
      },
    };
    for (const [name, tensors] of Object.entries(spellings)) {
      const { networks, unknown } = await readLora(await save(`${name}.safetensors`, tensors));
      assert.deepEqual([[...networks.unet.keys()], unknown], [[MAP.replaceAll('.', '_')], []], name);
    }
  });

  const merge = async (name: string, lora: string) => {
    const root = await writeTinyDiffusion(file(name));
    const paths = { source: path.join(root, 'unet/model.onnx'), target: file(`${name}-merged/model.onnx`) };
    const { networks } = await readLora(lora);
    return mergeLoras(paths, [{ name: path.basename(lora), modules: networks.unet, strength: 1 }]);
  };

  it('of another base model are refused with all shapes that do not fit, before anything is written', async () => {
    const wide = await save('wide.safetensors', {
      [`unet.${MAP}.lora_A.weight`]: random([1, 16], 1),
      [`unet.${MAP}.lora_B.weight`]: random([4, 1], 2),
      'unet.conv_in.lora_A.weight': random([2, 5, 3, 3], 1),
      'unet.conv_in.lora_B.weight': random([4, 2, 1, 1], 2),
    });
    const refusal = {
      code: 'model-unsupported',
      message:
        /^Expected changes of the shapes of \S+ but 2 of 2 have others: \w+to_k of wide\.safetensors is \[4, 16\] for \[4, 8\], conv_in of wide\.safetensors is \[4, 45\] for \[4, 4, 3, 3\]$/,
      hint: /^The LoRA was made for another base model/,
    };
    await assert.rejects(merge('other', wide), refusal);
    await assert.rejects(stat(file('other-merged')), { code: 'ENOENT' });
    const loras = [{ file: wide, strength: 1 }];
    await assert.rejects(openDiffusion(file('other'), { loras, cache: file('unfit') }), refusal);
    await assert.rejects(stat(file('unfit')), { code: 'ENOENT' });
  });

  it('name a few of many shapes that do not fit', async () => {
    const root = await writeTinyDiffusion(file('many'));
    const model = readOnnx(await readFile(path.join(root, 'unet/model.onnx')));
    const change = { down: random([1, 9], 1), up: random([4, 1], 1) };
    const uses = Array.from({ length: 5 }, (_, at) => ({
      ...{ name: `${at}`, strength: 1, modules: new Map([['conv_in', change]]) },
    }));
    assert.throws(
      () => fitLoras(model, uses, 'unet'),
      /but 5 of 5 have others: conv_in of 0 is .*, conv_in of 2 is \[4, 9\] for \[4, 4, 3, 3\], and 2 more$/,
    );
  });

  it('have the shape that they will have, in every kind', () => {
    const kinds: LoraModule[] = [
      { down: random([2, 6], 1), up: random([4, 2], 2) },
      { down: random([2, 6, 3, 3], 1), up: random([4, 2, 1, 1], 2) },
      { down: random([2, 6, 1, 1], 1), mid: random([3, 2, 3, 3], 3), up: random([4, 3, 1, 1], 2) },
      {
        ...{ w1_a: random([4, 2], 1), w1_b: random([2, 54], 2) },
        ...{ w2_a: random([4, 3], 3), w2_b: random([3, 54], 4) },
      },
    ];
    for (const [at, module] of kinds.entries()) {
      const shape = loraShape(module, 'it');
      assert.deepEqual(shape, [4, at === 0 ? 6 : 54]);
      assert.equal(loraDelta(module, shape, { strength: 1, name: 'it' }).length, 4 * shape[1]);
    }
  });

  it('of something else are refused by what they lack', async () => {
    const strange = await save('strange.safetensors', {
      'unet.nowhere.lora_A.weight': random([1, 4], 1),
      'unet.nowhere.lora_B.weight': random([4, 1], 2),
    });
    await assert.rejects(
      merge('strange', strange),
      /Expected modules of strange\.safetensors in .* but none of its 2 has such a name$/,
    );
  });
});
