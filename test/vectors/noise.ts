// Normal numbers as PyTorch draws them.

import { torchNoise } from '../../shared/generators/diffusion/noise.js';
import { type Check, nearly } from './check.js';

interface Randn {
  seed: number;
  n: number;
  first8: number[];
  last2: number[];
  sum: number;
  second_call_first4: number[];
  tolerance_abs: number;
}

export function checkNoise(rows: readonly Randn[]): Check[] {
  return rows.map((row) => ({
    id: `torch_randn ${row.n} of seed ${row.seed}`,
    run: () => {
      const absolute = row.tolerance_abs;
      const noise = torchNoise(row.seed);
      const first = [...noise(row.n)];
      nearly('the first', first.slice(0, 8), row.first8, { absolute });
      nearly('the last', first.slice(-2), row.last2, { absolute });
      const sum = first.reduce((total, value) => total + value, 0);
      // The sum is given to five places.
      nearly('the sum', [sum], [row.sum], { absolute: Math.max(5e-6, 1e-6 * row.n) });
      nearly('the next call', [...noise(row.n)].slice(0, 4), row.second_call_first4, { absolute });
    },
  }));
}
