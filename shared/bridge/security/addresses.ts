// Where the bridge listens, and who sits on this machine.

const LOOPBACK = ['127.0.0.1', '::1'];
const LOOPBACK_NAMES = ['localhost', '[::1]', ...LOOPBACK];

/** The host that a user named, or undefined where that is loopback, on which the bridge listens anyway. */
export function hostBeyondLoopback(host: string | undefined): string | undefined {
  return host === undefined || LOOPBACK_NAMES.includes(host) ? undefined : host.replace(/^\[(.+)\]$/, '$1');
}

/** The addresses to listen on: `localhost` may mean either of the first two, and no other program may sit on one of them. */
export function addressesFor(host: string | undefined): string[] {
  if (host === undefined) return [...LOOPBACK];
  // Whoever listens on all addresses of a family listens on its loopback too; `::` takes both families.
  if (host === '::') return ['::'];
  if (host === '0.0.0.0') return ['0.0.0.0', '::1'];
  return [...LOOPBACK, host];
}

/** Whether the other end of a connection is a program on this machine that came by loopback. */
export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(::ffff:)?127\.|^::1$/i.test(address);
}
