// The one number format between the stations: dense float32, row-major.

/** A dense float32 array; `data.length` is the product of `dims`. */
export interface Tensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** The number of elements that a shape holds; 1 for the empty shape (a scalar). */
export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** A tensor over `data`, or of zeros; throws where data and shape disagree. */
export function tensor(dims: readonly number[], data: Float32Array = new Float32Array(sizeOf(dims))): Tensor {
  if (data.length !== sizeOf(dims))
    throw new Error(`internal: ${data.length} numbers do not fill the shape ${dims.join('x')}`);
  return { dims, data };
}

/** Height and width of planar pixels `[1,3,H,W]`. */
export function planeSize(pixels: Tensor): { height: number; width: number } {
  const [batch, channels, height, width] = pixels.dims;
  if (pixels.dims.length !== 4 || batch !== 1 || channels !== 3)
    throw new Error(`internal: expected pixels of shape 1x3xHxW, received ${pixels.dims.join('x')}`);
  return { height, width };
}

/** `[N,...]` as so many `[1,...]`, over the same numbers. */
export function rowsOf({ dims: [count, ...dims], data }: Tensor): Tensor[] {
  const size = sizeOf(dims);
  return Array.from({ length: count }, (_, at) => ({
    dims: [1, ...dims],
    data: data.subarray(at * size, (at + 1) * size),
  }));
}
