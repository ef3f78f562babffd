// What a processor has for int8, told from the words that systems have for it.

import assert from 'node:assert/strict';
import { findInt8Instructions, int8InstructionsIn } from '../../shared/models/int8-instructions.js';

describe('the int8 instructions of a processor', () => {
  it('are told from its features, the best first', () => {
    for (const [features, name, isFast] of [
      ['fpu sse2 avx2 avx512f avx512_vnni', 'AVX-512 VNNI', true],
      ['SSE3 AVX2 AVX512VNNI', 'AVX-512 VNNI', true],
      ['fpu avx2 avx_vnni', 'AVX VNNI', true],
      ['fp asimd asimddp', 'int8 dot products', true],
      ['fp asimd asimddp i8mm', 'products of int8 matrices', true],
      ['fpu avx avx2 bmi2', 'AVX2 without VNNI', false],
      ['fp asimd', 'NEON without dot products', false],
      ['fpu', 'unknown', undefined],
      ['', 'unknown', undefined],
    ] as const)
      assert.deepEqual(int8InstructionsIn(features), { name, isFast });
  });

  it('are found, or not known, on this machine', async () => {
    const { name, isFast } = await findInt8Instructions();
    assert.equal(name === 'unknown', isFast === undefined);
  });
});
