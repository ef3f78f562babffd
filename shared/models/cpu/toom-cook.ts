// Toom and Cook's short convolutions: the matrices that compute m outputs of an r-tap filter with m + r - 1 products
// instead of m * r (S. Winograd, Arithmetic Complexity of Computations, 1980; A. Lavin and S. Gray, arXiv:1509.09308).

/** y = output * ((kernel * g) . (input * d)), where . multiplies element by element. */
export interface ShortConvolution {
  /** Products: m + r - 1. */
  products: number;
  /** [products][r]: the filter's values at the points. */
  kernel: readonly (readonly number[])[];
  /** [products][products]: the data's share in each product. */
  input: readonly (readonly number[])[];
  /** [m][products]: the products' share in each output. */
  output: readonly (readonly number[])[];
}

// Small numbers and their reciprocals: the further apart and the larger the points are, the more digits are lost.
const POINTS = [0, 1, -1, 2, -2, 1 / 2, -1 / 2, 4, -4];

/** The matrices for `outputs` results of a filter of `taps`; at most ten products (nine points and infinity). */
export function shortConvolution(outputs: number, taps: number): ShortConvolution {
  const products = outputs + taps - 1;
  const points = POINTS.slice(0, products - 1);
  if (points.length !== products - 1)
    throw new Error(`internal: ${products} products need more points than there are`);
  const last = products - 1;
  const rows = <Row>(row: (j: number) => Row, atInfinity: Row): Row[] => [
    ...points.map((_, j) => row(j)),
    atInfinity,
  ];
  const others = (j: number) => points.filter((_, k) => k !== j);
  return {
    products,
    kernel: rows((j) => powers(points[j], taps, gapProduct(points[j], others(j))), unit(taps, taps - 1)),
    input: rows((j) => [...polynomial(others(j)), 0], polynomial(points)),
    output: Array.from({ length: outputs }, (_, i) => [
      ...points.map((point) => point ** i),
      i === outputs - 1 ? 1 : 0,
    ]).map((row) => row.slice(0, last + 1)),
  };
}

const powers = (point: number, count: number, divisor: number): number[] =>
  Array.from({ length: count }, (_, k) => point ** k / divisor);

const gapProduct = (point: number, others: readonly number[]): number =>
  others.reduce((product, other) => product * (point - other), 1);

const unit = (length: number, at: number): number[] => Array.from({ length }, (_, k) => (k === at ? 1 : 0));

/** Coefficients of the polynomial with these roots, the constant one first. */
function polynomial(roots: readonly number[]): number[] {
  let coefficients = [1];
  for (const root of roots)
    coefficients = [0, ...coefficients].map((shifted, k) => shifted - root * (coefficients[k] ?? 0));
  return coefficients;
}
