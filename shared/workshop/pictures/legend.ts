// What drawings with lettering share: the sheet that they lie on, and the names of what is drawn.

import { letters, widthOf } from '../../photo/lettering.js';

/** An SVG drawing of these parts on white; sizes in px. */
export const sheet = (width: number, height: number, parts: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="${width}" height="${height}" fill="#fff"/>\n${parts.join('\n')}\n</svg>\n`;

export const circle = (x: number, y: number, radius: number, style: string): string =>
  `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}" ${style}/>`;

/** Names in rows from (left, top) on, `width` wide, each after its mark: SVG in x from 0 to 18 around the height 0. */
export function legend(
  names: readonly { name: string; mark: string }[],
  { left, top, width }: { left: number; top: number; width: number },
): { svg: string; height: number } {
  let [x, y] = [left, top];
  const drawn = names.map(({ name, mark }) => {
    const length = 26 + widthOf(name);
    if (x > left && x + length > left + width) [x, y] = [left, y + 20];
    const at = `transform="translate(${x.toFixed(1)} ${y})"`;
    x += length + 22;
    return `<g ${at}>${mark}${letters(name, { at: [26, 4.5] })}</g>`;
  });
  return { svg: drawn.join(''), height: y - top + 20 };
}
