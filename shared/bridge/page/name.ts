// How the list of tokens calls this page: there may be several, in one browser and in others.

/** `page in Firefox on Linux x86_64 at 14:05:09` */
export function pageName(): string {
  const at = new Date().toTimeString().slice(0, 8);
  return `page in ${browserName()} on ${navigator.platform}`.slice(0, MOST_LETTERS) + ` at ${at}`;
}
/** The bridge takes 80. */
const MOST_LETTERS = 60;

/** Most browsers call themselves Chrome, and Chrome calls itself Safari: the first that fits is meant. */
function browserName(): string {
  const agent = `${navigator.userAgent} ${brands().join(' ')}`;
  return BROWSERS.find(([sign]) => sign.test(agent))?.[1] ?? 'a browser';
}
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg/, 'Edge'],
  [/OPR|Opera/, 'Opera'],
  [/Firefox|FxiOS/, 'Firefox'],
  [/Google Chrome|CriOS/, 'Chrome'],
  [/Chromium/, 'Chromium'],
  [/Chrome/, 'Chrome'],
  [/Safari/, 'Safari'],
];

/** Where Chrome and Chromium differ; not every browser has it, nor any on an address without https but this computer's. */
function brands(): string[] {
  const { userAgentData } = navigator as Navigator & { userAgentData?: { brands: { brand: string }[] } };
  return userAgentData?.brands.map(({ brand }) => brand) ?? [];
}
