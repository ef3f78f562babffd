// Prompts as text encoders take them.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parsePrompt } from '../../../shared/generators/diffusion/text/prompt.js';
import { openTokenizer, type TextTokenizer } from '../../../shared/generators/diffusion/text/tokenizer.js';
import { tokensOf, weighted } from '../../../shared/generators/diffusion/text/tokens.js';
import { unlearned } from '../../../shared/generators/diffusion/text/words.js';
import { writeTinyTokenizer } from '../../fixtures/tiny-diffusion.js';

describe('prompts', () => {
  const weights: Record<string, [string, number][]> = {
    'a cat': [['a cat', 1]],
    'an (important) word': [
      ['an ', 1],
      ['important', 1.1],
      [' word', 1],
    ],
    '((very)) good [[bad]]': [
      ['very', 1.21],
      [' good ', 1],
      ['bad', 1 / 1.21],
    ],
    '(cat:1.5), (dog:-0.5)': [
      ['cat', 1.5],
      [', ', 1],
      ['dog', -0.5],
    ],
    'red (blue (green:2)': [
      ['red ', 1],
      ['blue ', 1.1],
      ['green', 2.2],
    ],
    'f\\(x\\) [y:2]': [
      ['f(x) ', 1],
      ['y:2', 1 / 1.1],
    ],
    'a) b] c:1': [['a) b] c:1', 1]],
    '': [['', 1]],
  };
  for (const [prompt, wanted] of Object.entries(weights))
    it(`weigh their parts: ${prompt || 'none'}`, () => {
      const parsed = parsePrompt(prompt);
      assert.deepEqual(
        parsed.map(({ text }) => text),
        wanted.map(([text]) => text),
      );
      for (const [at, { weight }] of parsed.entries())
        assert.ok(Math.abs(weight - wanted[at][1]) < 1e-12, `${weight}`);
    });
});

describe('tokens', () => {
  let folder = '';
  let tokenizer: TextTokenizer;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-tokens-'));
    await writeTinyTokenizer(folder);
    tokenizer = await openTokenizer(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));
  const END = 191;

  it('begin, end and are filled up with the end', () => {
    const { ids, leftOut } = tokensOf('A  Cat', tokenizer);
    assert.equal(ids.length, 77);
    assert.deepEqual(ids.slice(0, 5), [190, tokenizer.encode('a')[0], 189, END, END]);
    assert.equal(ids[76], END);
    assert.equal(leftOut, '');
  });

  it('carry the weights of their parts', () => {
    assert.deepEqual(tokensOf('cat (cat:2) cat', tokenizer).weights.slice(0, 6), [1, 1, 2, 1, 1, 1]);
  });

  it('say what did not fit', () => {
    const { ids, leftOut } = tokensOf(`${'cat '.repeat(75)}ab`, tokenizer);
    assert.equal(ids.filter((id) => id === 189).length, 75);
    assert.equal(ids[76], END);
    assert.equal(leftOut, 'ab');
  });

  it('are padded with what the folder says, which no prompt can say then', async () => {
    await writeFile(
      path.join(folder, 'special_tokens_map.json'),
      JSON.stringify({ pad_token: { content: '!' } }),
    );
    const padded = await openTokenizer(folder);
    assert.deepEqual([padded.pad, tokensOf('cat', padded).ids[76]], [0, 0]);
    assert.deepEqual(padded.encode('cat!!'), [189, 0, 0]);
  });

  it('that weigh more pull harder, and the mean stays', () => {
    const embeddings = Float32Array.of(1, 2, 3, 4);
    const pulled = weighted(embeddings, [1, 2]);
    assert.ok(pulled[2] / pulled[0] > 5.9);
    assert.ok(Math.abs(pulled.reduce((sum, value) => sum + value) - 10) < 1e-5);
    assert.equal(weighted(embeddings, [1, 1]), embeddings);
  });

  it('need a vocabulary, and CLIP’s', async () => {
    await assert.rejects(openTokenizer(path.join(folder, 'nowhere')), {
      code: 'model-corrupt',
      message: /^Expected vocab\.json in .*nowhere but it cannot be read$/,
    });
    await writeFile(path.join(folder, 'vocab.json'), '{"a": 0}');
    await assert.rejects(openTokenizer(folder), /Expected <\|startoftext\|> and <\|endoftext\|>/);
  });
});

describe('learned words', () => {
  let folder = '';
  let tokenizer: TextTokenizer;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-words-'));
    await writeTinyTokenizer(folder);
    const added = { '<toy>': 192, '<toy>_1': 193, '<late>': 194, '<|endoftext|>': 191 };
    await writeFile(path.join(folder, 'added_tokens.json'), JSON.stringify(added));
    const config = { added_tokens_decoder: { 195: { content: '<New>' }, 191: { content: '<|endoftext|>' } } };
    await writeFile(path.join(folder, 'tokenizer_config.json'), JSON.stringify(config));
    await writeFile(path.join(folder, 'easynegative.safetensors'), '');
    tokenizer = await openTokenizer(folder, 194);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('are one token for each row that they were taught with', () => {
    const a = tokenizer.encode('a');
    assert.deepEqual(tokenizer.encode('a <toy> cat'), [...a, 192, 193, 189]);
    assert.deepEqual(tokensOf('(<toy>:1.3)', tokenizer).weights.slice(0, 4), [1, 1.3, 1.3, 1]);
    assert.equal(tokensOf(`${'cat '.repeat(75)}a <toy> a`, tokenizer).leftOut, 'a <toy> a');
  });

  it('without a row are letters, and told', async () => {
    assert.ok(tokenizer.encode('<late>').length > 2);
    assert.deepEqual(unlearned('a <toy>, <late> and <New>', tokenizer.words), ['<late>', '<New>']);
    assert.deepEqual(unlearned('EasyNegative, easynegatives', tokenizer.words), ['easynegative']);
    assert.deepEqual(unlearned('a < b > c, <3 <other>', tokenizer.words), ['<other>']);
    const plain = await openTokenizer(folder);
    assert.deepEqual(unlearned('<toy>', plain.words), ['<toy>']);
  });
});
