// The table of options: what a user leaves out, mistypes or sets too high.

import assert from 'node:assert/strict';
import { NigaoeError } from '../shared/errors.js';
import {
  BRIDGE_OPTION_NAMES,
  flagOf,
  nearest,
  OPTION_NAMES,
  OPTIONS,
  type OptionSpec,
  type PartialOptions,
  parseOptions,
} from '../shared/options.js';

/** The sentence and hint with which options are refused. */
function refusal(given: Record<string, unknown>): [string, string | undefined] {
  try {
    parseOptions(given as PartialOptions);
  } catch (error) {
    assert.ok(error instanceof NigaoeError && error.exitCode === 2, String(error));
    return [error.message, error.hint];
  }
  return assert.fail('nothing was refused');
}

describe('options', () => {
  it('left out take the defaults that the design promises', () => {
    const { style, scope, expand, size, pad, strength, noFace, format, device } = parseOptions();
    assert.deepEqual(
      { style, scope, expand, size, pad, strength, noFace, format, device },
      {
        style: 'ink',
        scope: 'auto',
        expand: 1.3,
        size: 512,
        pad: true,
        strength: 1,
        noFace: 'error',
        format: 'same',
        device: 'auto',
      },
    );
  });

  it('that are undefined count as left out, and the others are kept', () => {
    const options = parseOptions({ size: undefined, quality: 50, pad: false });
    assert.deepEqual([options.size, options.quality, options.pad], [512, 50, false]);
    assert.deepEqual(Object.keys(options), OPTION_NAMES);
  });

  it('left out redraw photos with Stable Diffusion by three fifths, and mix other drawings with nothing', () => {
    assert.equal(parseOptions({ style: 'sd:sd-1.5' }).strength, 0.6);
    assert.equal(parseOptions({ background: 'sd:sd-1.5' }).strength, 0.6);
    assert.equal(parseOptions({ style: 'sd:sd-1.5', strength: 1 }).strength, 1);
    assert.equal(parseOptions({ style: 'sdx' }).strength, 1);
  });

  it('of the bridge name no files but styles, which it checks', () => {
    assert.deepEqual(
      OPTION_NAMES.filter((name) => !BRIDGE_OPTION_NAMES.some((other) => other === name)),
      ['prompt', 'negative', 'steps', 'guidance', 'sampler', 'lora', 'seed'],
    );
  });

  it('have defaults that they would accept, and help in one line', () => {
    for (const name of OPTION_NAMES) {
      const spec: OptionSpec = OPTIONS[name];
      parseOptions({ [name]: spec.default });
      assert.match(spec.help, /^\S.{10,}[^.\n]$/, name);
    }
  });

  it('are taken up to both ends of their range and refused beyond, with the range in the sentence', () => {
    for (const name of OPTION_NAMES) {
      const spec: OptionSpec = OPTIONS[name];
      if (!('min' in spec)) continue;
      assert.equal(parseOptions({ [name]: spec.min })[name], spec.min);
      assert.equal(parseOptions({ [name]: spec.max })[name], spec.max);
      for (const wrong of [spec.min - 1, spec.max + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
        const [sentence] = refusal({ [name]: wrong });
        assert.ok(
          sentence.includes(`from ${spec.min} to ${spec.max} for ${flagOf(name)} but received`),
          sentence,
        );
      }
    }
  });

  const REFUSALS: [Record<string, unknown>, string, string | undefined][] = [
    [{ size: 99.5 }, 'Expected a whole number from 64 to 4096 for --size but received 99.5', undefined],
    [{ strength: '1' }, 'Expected a number from 0 to 1 for --strength but received "1"', undefined],
    [
      { size: true },
      'Expected a whole number from 64 to 4096 for --size but received true of type boolean',
      undefined,
    ],
    [{ pad: 'yes' }, 'Expected a boolean for --pad but received "yes"', undefined],
    [{ style: 7 }, 'Expected a string for --style but received 7 of type number', undefined],
    [
      { scope: 'face' },
      'Expected one of auto, photo, faces, portrait for --scope but received "face"',
      'Did you mean faces?',
    ],
    [
      { noFace: 'explode' },
      'Expected one of error, skip, photo for --no-face but received "explode"',
      undefined,
    ],
    [
      { format: 'jpg' },
      'Expected one of same, jpeg, png, webp, avif for --format but received "jpg"',
      'Did you mean jpeg?',
    ],
    [
      { device: ['cpu'] },
      'Expected one of auto, cpu, cuda, coreml, dml, webgpu for --device but received an object of type Array',
      undefined,
    ],
    [
      { lora: 'a.safetensors' },
      'Expected a list, each of it FILE or FILE:STRENGTH, for --lora but received "a.safetensors"',
      undefined,
    ],
    [
      { sampler: 'dppm' },
      'Expected one of auto, ddim, ddpm, pndm, dpm++, dpm++-karras, euler, euler-karras, euler-ancestral, lms, lcm for --sampler but received "dppm"',
      'Did you mean ddpm?',
    ],
    [{ stlye: 'ink' }, 'Expected a known option for options but received "stlye"', 'Did you mean style?'],
    [
      { SideBySide: true },
      'Expected a known option for options but received "SideBySide"',
      'Did you mean sideBySide?',
    ],
    [{ qqqqqqqqqqqq: 1 }, 'Expected a known option for options but received "qqqqqqqqqqqq"', undefined],
    [{ toString: 'ink' }, 'Expected a known option for options but received "toString"', undefined],
  ];
  for (const [given, sentence, hint] of REFUSALS)
    it(`refuse ${JSON.stringify(given)} in one sentence${hint ? ' with a suggestion' : ''}`, () => {
      assert.deepEqual(refusal(given), [sentence, hint]);
    });
});

describe('flagOf', () => {
  it('spells an option as the command line does', () => {
    assert.deepEqual(['size', 'sideBySide', 'noFace'].map(flagOf), ['--size', '--side-by-side', '--no-face']);
  });
});

describe('nearest', () => {
  it('finds what a slip of the finger meant, whatever the case', () => {
    assert.equal(nearest('HAYOA', ['ink', 'hayao', 'shinkai']), 'hayao');
    assert.equal(nearest('inc', ['hayao', 'ink']), 'ink');
  });

  it('stays silent where nothing is near or nothing is known', () => {
    assert.equal(nearest('photograph', ['ink', 'hayao']), undefined);
    assert.equal(nearest('ink', []), undefined);
  });
});
