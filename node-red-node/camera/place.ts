// Hosts with their ports, as addresses and the form's list of hosts name them.

/** The ports that addresses leave out. */
const USUAL_PORTS: Readonly<Record<string, string>> = {
  'http:': '80',
  'https:': '443',
  'rtsp:': '554',
  'rtsps:': '322',
};

/** Whether two addresses lead to the same host and port. */
export function isSamePlace(one: URL, other: URL): boolean {
  return hostOf(one) === hostOf(other) && portOf(one) === portOf(other);
}

/** Whether an entry of the list, `host` or `host:port`, means this address; without a port it means the usual one. */
export function isNamed(url: URL, entry: string): boolean {
  // The colons of an IPv6 address stand in brackets.
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
  return host === hostOf(url) && portOf(url) === (port ?? USUAL_PORTS[url.protocol]);
}

/** Whether nobody on the way can read along. */
export function isEncrypted({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'rtsps:';
}

/** Only the addresses of HTTP come in lower case by themselves. */
function hostOf({ hostname }: URL): string {
  return hostname.toLowerCase();
}

function portOf({ port, protocol }: URL): string {
  return port === '' ? USUAL_PORTS[protocol] : port;
}
