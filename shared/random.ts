// Random numbers that depend on a seed and on what they are for, and on nothing else: any step of a training can be drawn
// anew, which is what lets it resume bit for bit, and every device starts from the same noise.

/** An endless row of random numbers. */
export interface Random {
  /** 0 <= u < 1, in steps of 2^-32. */
  uniform(): number;
  /** A whole number 0 <= n < count. */
  below(count: number): number;
  /** Mean 0, deviation 1. */
  normal(): number;
}

/** The row for this seed and purpose, such as `randomFor(7, 'latent', step)`. */
export function randomFor(seed: number, ...purpose: readonly (string | number)[]): Random {
  const next = sfc32(hashes(`${seed}/${purpose.join('/')}`));
  let spare: number | undefined;
  return {
    uniform: next,
    below: (count) => Math.floor(next() * count),
    normal() {
      // Box and Muller make two at a time.
      const kept = spare;
      spare = undefined;
      if (kept !== undefined) return kept;
      const radius = Math.sqrt(-2 * Math.log(1 - next()));
      const angleRad = 2 * Math.PI * next();
      spare = radius * Math.sin(angleRad);
      return radius * Math.cos(angleRad);
    },
  };
}

/** 0 to `count` - 1 in a random order (Fisher and Yates). */
export function shuffled(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** Chris Doty-Humphrey's "small fast counter" generator: 128 bits of state, period at least 2^32. */
function sfc32([a, b, c, d]: number[]): () => number {
  const next = () => {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** Four 32-bit hashes of a text (FNV-1a, finished as MurmurHash3 does). */
function hashes(text: string): number[] {
  return [1, 2, 3, 4].map((salt) => {
    let hash = 0x811c9dc5 ^ salt;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  });
}
