// Normal numbers as PyTorch draws them on the CPU, so that a seed gives the picture that it gives there, on every device.

/** Draws so many normal numbers: mean 0, deviation 1. */
export type Noise = (count: number) => Float32Array;

/** From a block of 16 on PyTorch transforms uniform numbers side by side, and below it one by one. */
const BLOCK = 16;
const HALF = BLOCK / 2;

/** The numbers of `torch.randn` after `torch.manual_seed(seed)`; a whole number from 0, of which the lower 32 bits count. */
export function torchNoise(seed: number): Noise {
  const next = mersenneTwister(seed % 2 ** 32);
  const single = singleNormals(next);
  return (count) => (count < BLOCK ? new Float32Array(count).map(single) : normalBlocks(count, next));
}

/** Box and Muller on pairs of float32 uniforms that lie eight places apart. */
function normalBlocks(count: number, next: () => number): Float32Array {
  const uniform = () => (next() & 0xffffff) * 2 ** -24;
  const numbers = new Float32Array(count).map(uniform);
  for (let start = 0; start + BLOCK <= count; start += BLOCK) transform(numbers, start);
  // Those that are left over make a block with the ones before them, of fresh numbers.
  if (count % BLOCK !== 0) {
    for (let at = count - BLOCK; at < count; at++) numbers[at] = uniform();
    transform(numbers, count - BLOCK);
  }
  return numbers;
}

function transform(numbers: Float32Array, start: number): void {
  for (let at = start; at < start + HALF; at++) {
    const radius = Math.sqrt(-2 * Math.log(1 - numbers[at]));
    const angleRad = 2 * Math.PI * numbers[at + HALF];
    numbers[at] = radius * Math.cos(angleRad);
    numbers[at + HALF] = radius * Math.sin(angleRad);
  }
}

/** The same in float64; the second of each pair waits for the next call, of `randn` too. */
function singleNormals(next: () => number): () => number {
  // 53 bits of two words, the first being the upper one.
  const uniform = () => ((next() & 0x1fffff) * 2 ** 32 + next()) * 2 ** -53;
  let spare: number | undefined;
  return () => {
    const kept = spare;
    spare = undefined;
    if (kept !== undefined) return kept;
    const angleRad = 2 * Math.PI * uniform();
    const radius = Math.sqrt(-2 * Math.log1p(-uniform()));
    spare = radius * Math.sin(angleRad);
    return radius * Math.cos(angleRad);
  };
}

/** MT19937 (Matsumoto and Nishimura 1998): 32 bits a call. */
function mersenneTwister(seed: number): () => number {
  const [size, shift] = [624, 397];
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let at = 1; at < size; at++)
    state[at] = Math.imul(1812433253, state[at - 1] ^ (state[at - 1] >>> 30)) + at;
  let used = size;
  const twist = () => {
    for (let at = 0; at < size; at++) {
      const joined = (state[at] & 0x80000000) | (state[(at + 1) % size] & 0x7fffffff);
      state[at] = state[(at + shift) % size] ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    used = 0;
  };
  return () => {
    if (used === size) twist();
    let bits = state[used++];
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return (bits ^ (bits >>> 18)) >>> 0;
  };
}
