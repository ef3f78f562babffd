// What the computer behind the bridge can do.

import type { DeviceInfo, Health } from '../protocol.js';
import { find, make, sentence } from './dom.js';

export function showDevices(devices: readonly DeviceInfo[]): void {
  const rows = devices.map(({ device, works, reason }) => {
    const state = make('span', { className: works ? 'yes' : 'no' }, works ? 'works' : 'not here');
    const why = works || reason === undefined ? [] : [make('small', {}, ...sentence(reason))];
    return make('li', {}, make('span', {}, make('strong', {}, device), state), ...why);
  });
  find('devices', HTMLUListElement).replaceChildren(...rows);
}

export function showVersion({ version }: Health): void {
  find('version', HTMLParagraphElement).textContent = `nigaoe ${version} at ${location.host}`;
}
